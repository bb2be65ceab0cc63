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
    markers = "[pytest]\nmarkers =\n  browser: as in the real suite\n"
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
