"""Pytest plugin: services that start before Django's settings load, and stop with the run.

Settings read them from `DATABASE_URL` and `CACHE_URL`, tests from `DJANGO_CC_TEST_CHROMIUM` and
`DJANGO_CC_TEST_NODE`. What a developer's own environment says there is never used.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from platform import python_version
from tempfile import TemporaryDirectory
from typing import NoReturn, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.services import valkey
from tests.services.chromium import MISSING as CHROMIUM_MISSING
from tests.services.chromium import chromium
from tests.services.node import MISSING as NODE_MISSING
from tests.services.node import node
from tests.services.postgres import postgres
from tests.services.service import ServiceMissingError

_FOUND = pytest.StashKey[list[str]]()
_MISSING = pytest.StashKey[list[str]]()
_MISSING_LATER = "a service is missing: "
# What tests ask for by a mark, how to tell that it is there, and what to say where it is not. The
# run has ended already where a service is missing and must not be; the rest is for other systems.
_NEEDS: tuple[tuple[str, Callable[[], bool], str], ...] = (
    ("browser", lambda: "DJANGO_CC_TEST_CHROMIUM" in os.environ, CHROMIUM_MISSING),
    ("node", lambda: "DJANGO_CC_TEST_NODE" in os.environ, NODE_MISSING),
    (
        "two_connections",
        lambda: os.environ["DATABASE_URL"].startswith("postgres"),
        "SQLite has one writer, and its test database one connection: shown on PostgreSQL",
    ),
    ("fork", lambda: hasattr(os, "fork"), "this system has no fork"),
)


class NestedPytest(Protocol):
    """Runs pytest in a process of its own and returns how it ended."""

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def nested_pytest(pytestconfig: pytest.Config) -> NestedPytest:
    """Return a function that runs a part of the suite on other settings (`--ds=`).

    The nested run uses the services of this one, with a test database of its own;
    `DJANGO_CC_TEST_DATABASE="sqlite"` gives it SQLite.
    """

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *arguments],
            cwd=pytestconfig.rootpath,
            env=_nested_environment() | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


# A wrapper comes before every plain implementation, pytest-django's too, whatever its order.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Have the services running before pytest-django loads the settings."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _take_a_cache_of_its_own(worker)
    else:
        _provide_services(early_config)
    return (yield)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what this run is a test of."""
    packages = ("django", "djangorestframework", "django-oauth-toolkit")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return [
        f"versions: Python {python_version()}, {versions}",
        *(f"service: {found}" for found in config.stash.get(_FOUND, [])),
        *(f"MISSING SERVICE: {missing}" for missing in config.stash.get(_MISSING, [])),
    ]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes; skip what needs something that is not there."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for mark, is_there, missing in _NEEDS:
        if is_there():
            continue
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=missing))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Repeat what was missing where it is read: at the end."""
    found_later = {
        str(report.longrepr[2]).removeprefix(f"Skipped: {_MISSING_LATER}")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and _MISSING_LATER in report.longrepr[2]
    }
    for missing in (*config.stash.get(_MISSING, []), *sorted(found_later)):
        terminalreporter.write_line(f"MISSING SERVICE: {missing}", red=True, bold=True)


def stop_without(missing: ServiceMissingError) -> NoReturn:
    """End a test that finds out itself what is missing: skip it, loudly, or fail it."""
    if os.environ.get("DJANGO_CC_REQUIRE_SERVICES") == "1":
        pytest.fail(f"DJANGO_CC_REQUIRE_SERVICES=1, but: {missing}")
    pytest.skip(f"{_MISSING_LATER}{missing}")


def _provide_services(config: pytest.Config) -> None:
    found, missing = config.stash[_FOUND], config.stash[_MISSING] = [], []
    running = ExitStack()
    config.add_cleanup(running.close)
    # Being terminated ends the run as Ctrl-C does, so that it stops its servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for provide in (_provide_database, _provide_cache, _provide_browser, _provide_node):
        try:
            found.append(provide(running))
        except ServiceMissingError as reason:
            missing.append(str(reason))
    if missing and os.environ.get("DJANGO_CC_REQUIRE_SERVICES") == "1":
        raise pytest.UsageError("\n".join(["DJANGO_CC_REQUIRE_SERVICES=1, but:", *missing]))


def _provide_database(running: ExitStack) -> str:
    folder = running.enter_context(TemporaryDirectory(prefix="django-cc-sqlite-"))
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
    if os.environ.get("DJANGO_CC_TEST_DATABASE") == "sqlite":
        return f"SQLite {sqlite3.sqlite_version} by DJANGO_CC_TEST_DATABASE"
    service = running.enter_context(postgres())
    os.environ["DATABASE_URL"] = service.address
    return service.description


def _provide_cache(running: ExitStack) -> str:
    os.environ["CACHE_URL"] = "locmemcache://"
    service = running.enter_context(valkey.valkey())
    os.environ["CACHE_URL"] = service.address
    return service.description


def _provide_browser(_: ExitStack) -> str:
    service = chromium()
    os.environ["DJANGO_CC_TEST_CHROMIUM"] = service.address
    return service.description


def _provide_node(_: ExitStack) -> str:
    service = node()
    os.environ["DJANGO_CC_TEST_NODE"] = service.address
    return service.description


def _take_a_cache_of_its_own(worker: str) -> None:
    """Give a worker its own numbered database, as pytest-django does for tables."""
    shared = os.environ["CACHE_URL"]
    if shared.startswith("redis"):
        os.environ["CACHE_URL"] = valkey.database(shared, int(worker.removeprefix("gw")))


def _nested_environment() -> dict[str, str]:
    """Return an environment in which a nested run finds the services of this one."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTEST_") and name != "DJANGO_SETTINGS_MODULE"
    }
    database, cache = os.environ["DATABASE_URL"], os.environ["CACHE_URL"]
    if database.startswith("postgres"):
        own = urlsplit(database)._replace(path=f"/nested_{uuid4().hex}").geturl()
        inherited["DJANGO_CC_TEST_POSTGRES_URL"] = own
    if cache.startswith("redis"):
        inherited["DJANGO_CC_TEST_VALKEY_URL"] = cache
    return inherited
