"""A project behind one worker, whose refusals are not slowed down."""

import os
from collections.abc import Iterator

import pytest

from tests.faults.databases import new_database
from tests.faults.exchange import Address
from tests.faults.served_project import ServedProject
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError


@pytest.fixture(scope="session")
def project() -> Iterator[ServedProject]:
    """A project on a database of its own."""
    server = os.environ["DATABASE_URL"]
    if not server.startswith("postgres"):
        stop_without(ServiceMissingError("benchmarks need PostgreSQL"))
    with new_database(server) as database:
        yield ServedProject.create(database, settings="tests.projects.unthrottled")


@pytest.fixture(scope="session")
def server(project: ServedProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """One worker that serves it."""
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    with project.serve(log, workers=1) as address:
        yield address
