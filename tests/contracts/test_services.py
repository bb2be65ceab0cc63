"""The suite's own services: none is missed unnoticed, none outlives the run."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

SUITE = """
import os, pathlib, time

import pytest

@pytest.mark.browser
def test_with_browser():
    pass

def test_that_ends():
    report = pathlib.Path("addresses.partial")
    report.write_text(os.environ["DATABASE_URL"] + " " + os.environ["CACHE_URL"])
    report.rename("addresses")
    {end}
"""


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A folder with a suite of two tests, which needs no Django."""
    markers = "[pytest]\nmarkers =\n  browser: as in the real suite\n  node: as there\n"
    (tmp_path / "pytest.ini").write_text(markers)
    return tmp_path


@contextmanager
def started(folder: Path, end: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    (folder / "test_ends.py").write_text(SUITE.format(end=end))
    command = [sys.executable, "-m", "pytest", "-p", "tests.services.plugin", "-p", "no:django"]
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "DJANGO_CC_"))
    }
    with subprocess.Popen(
        command,
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        yield run


@pytest.fixture
def no_browser(tmp_path: Path) -> dict[str, str]:
    """An environment in which no browser can be found, nor anything else that takes time."""
    return {
        "PATH": str(tmp_path),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path),
        "DJANGO_CC_TEST_DATABASE": "sqlite",
    }


def test_skips_browser_tests_with_the_reason_when_there_is_no_browser(
    run_folder: Path, no_browser: dict[str, str]
) -> None:
    with started(run_folder, "pass", **no_browser) as run:
        output, _ = run.communicate()

    assert run.returncode == 0, output
    assert "1 passed, 1 skipped" in output
    assert "MISSING SERVICE: No Chromium" in output


def test_fails_without_a_browser_when_services_are_required(
    run_folder: Path, no_browser: dict[str, str]
) -> None:
    with started(run_folder, "pass", **no_browser, DJANGO_CC_REQUIRE_SERVICES="1") as run:
        output, _ = run.communicate()

    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output
    assert "No Chromium" in output
    assert "passed" not in output


NODE_SUITE = """
import pathlib

import pytest

from tests.services.node import install_packages
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError

@pytest.mark.node
def test_that_needs_a_package():
    try:
        install_packages(pathlib.Path.cwd())
    except ServiceMissingError as missing:
        stop_without(missing)
"""


def run_node_suite(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a test that needs a package from a registry that is not there."""
    (folder / "package.json").write_text('{"dependencies": {"jose": "6.2.18"}}')
    (folder / ".npmrc").write_text("registry=http://127.0.0.1:1/")
    (folder / "test_node.py").write_text(NODE_SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.services.plugin", "-p", "no:django"]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT), "DJANGO_CC_TEST_DATABASE": "sqlite"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_skips_tests_on_node_with_the_reason_when_there_is_none(
    run_folder: Path, no_browser: dict[str, str]
) -> None:
    ran = run_node_suite(run_folder, no_browser)

    assert "1 skipped" in ran.stdout
    assert "MISSING SERVICE: No Node with npm" in ran.stdout


@pytest.mark.node
def test_skips_tests_on_node_with_the_reason_when_npm_gets_nothing(run_folder: Path) -> None:
    ran = run_node_suite(run_folder, {"PATH": os.environ["PATH"]})

    assert "1 skipped" in ran.stdout
    assert "MISSING SERVICE: npm cannot install jose: " in ran.stdout


@pytest.mark.node
def test_fails_tests_on_node_when_services_are_required(run_folder: Path) -> None:
    required = {"PATH": os.environ["PATH"], "DJANGO_CC_REQUIRE_SERVICES": "1"}
    found = {"DJANGO_CC_TEST_CHROMIUM": os.environ.get("DJANGO_CC_TEST_CHROMIUM", "/bin/true")}

    ran = run_node_suite(run_folder, required | found)

    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    assert "npm cannot install jose" in ran.stdout


@pytest.mark.parametrize("variable", ["POSTGRES_URL", "VALKEY_URL", "CHROMIUM"])
def test_fails_when_a_service_that_was_asked_for_does_not_answer(
    run_folder: Path, no_browser: dict[str, str], variable: str
) -> None:
    nobody_listens = {
        "POSTGRES_URL": "postgres://postgres@127.0.0.1:1/postgres",
        "VALKEY_URL": "redis://127.0.0.1:1/0",
        "CHROMIUM": str(run_folder / "chromium"),
    }
    asked_for = {f"DJANGO_CC_TEST_{variable}": nobody_listens[variable]}
    environment = no_browser | {"DJANGO_CC_TEST_DATABASE": ""} | asked_for

    with started(run_folder, "pass", **environment) as run:
        output, _ = run.communicate()

    assert run.returncode == pytest.ExitCode.USAGE_ERROR, output


def test_leaves_no_server_behind_when_a_test_fails(run_folder: Path) -> None:
    with started(run_folder, "assert False") as run:
        output, _ = run.communicate()

    assert run.returncode == pytest.ExitCode.TESTS_FAILED, output
    assert not any(map(answers, ports_of_servers(run_folder)))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_leaves_no_server_behind_when_it_is_stopped(run_folder: Path, end: signal.Signals) -> None:
    with started(run_folder, "time.sleep(60)") as run:
        servers = ports_of_servers(run_folder)
        answered = [*map(answers, servers)]
        run.send_signal(end)
        output, _ = run.communicate()

    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert all(answered)
    assert not any(map(answers, servers))


def ports_of_servers(folder: Path) -> list[int]:
    """Return the ports of the PostgreSQL and Valkey of a run, once its test has begun."""
    report = folder / "addresses"
    deadline = time.monotonic() + 60
    while not report.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    ports = [urlsplit(url).port for url in report.read_text().split()]
    return [port for port in ports if port is not None]  # SQLite has none.


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
