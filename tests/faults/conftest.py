"""A project under gunicorn, with a PostgreSQL database of its own."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.faults.databases import new_database
from tests.faults.exchange import Address
from tests.faults.served_project import ServedProject
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError

Figures = Callable[..., None]

ONLY_ON_POSTGRES = "needs PostgreSQL: several processes under load are no use of SQLite"


@pytest.fixture(scope="module")
def project() -> Iterator[ServedProject]:
    """A project whose commands run on a new database."""
    server = os.environ["DATABASE_URL"]
    if not server.startswith("postgres"):
        stop_without(ServiceMissingError(ONLY_ON_POSTGRES))
    with new_database(server) as database:
        yield ServedProject.create(database)


@pytest.fixture(scope="module")
def server(
    project: ServedProject,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Address]:
    """Four workers that serve the project; a parameter holds more options of gunicorn."""
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    with project.serve(log, *getattr(request, "param", ())) as address:
        yield address


@pytest.fixture
def figures(
    record_property: Callable[[str, object], None], request: pytest.FixtureRequest
) -> Figures:
    """Return a function that reports what was measured: in the XML report, and with `-s`."""

    def report(**measured: float) -> None:
        for name, value in measured.items():
            record_property(name, value)
        line = ", ".join(f"{name} {value:.3g}" for name, value in measured.items())
        print(f"\n{request.node.name}: {line}")  # noqa: T201 - meant for a person

    return report
