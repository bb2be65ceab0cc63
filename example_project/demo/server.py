"""The demo's server: the example project in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from example_project.demo.environment import ROOT

_START_SECONDS = 30


@contextmanager
def running_server(issuer: str, log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve at the host and port of `issuer` until the block ends.

    Raises:
        RuntimeError: it did not answer in time; the message has the end of its log.
    """
    address = urlsplit(issuer).netloc
    command = [sys.executable, "manage.py", "runserver", address, "--noreload"]
    with (
        log_path.open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as server,  # noqa: S603
    ):
        try:
            _wait_until_it_answers(issuer, server, log_path)
            yield server
        finally:
            server.terminate()


def _wait_until_it_answers(issuer: str, server: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            requests.get(f"{issuer}/oauth/jwks", timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    last_lines = "\n".join(log_path.read_text().splitlines()[-5:])
    raise RuntimeError(f"The server did not start. The end of {log_path}:\n{last_lines}")
