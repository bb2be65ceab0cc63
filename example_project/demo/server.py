"""The demo's server: the example project in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

_START_SECONDS = 30


@contextmanager
def running_server(issuer: str, log_path: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve at the host and port of `issuer` until the block ends.

    Raises:
        RuntimeError: it did not answer in time; the message tells where its log is.
    """
    address = urlsplit(issuer).netloc
    command = [sys.executable, "manage.py", "runserver", address, "--noreload"]
    with open(log_path, "wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:  # noqa: PTH123, S603
        try:
            _wait_until_it_answers(issuer, server, log_path)
            yield server
        finally:
            server.terminate()


def _wait_until_it_answers(issuer: str, server: subprocess.Popen[bytes], log_path: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            requests.get(f"{issuer}/oauth/jwks", timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server did not start; its log is {log_path}.")
