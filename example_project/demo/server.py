"""The demo's servers: the example's two services, each in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from example_project.demo.environment import ROOT

_START_SECONDS = 30
_STOP_SECONDS = 10


@contextmanager
def running_server(
    url: str, log_path: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[subprocess.Popen[bytes]]:
    """Serve at the host and port of `url` until the block ends.

    Args:
        url: any address that the server answers, whatever the answer.
        log_path: what it writes goes to the end of that file.
        environment: what it is run with; `DJANGO_SETTINGS_MODULE` chooses the service.

    Raises:
        RuntimeError: it did not answer in time; the message has the end of its log.
    """
    address = urlsplit(url).netloc
    command = [sys.executable, "manage.py", "runserver", address, "--noreload"]
    with (
        log_path.open("ab") as log,
        subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment, stdout=log, stderr=log
        ) as server,
    ):
        try:
            _wait_until_it_answers(url, server, log_path)
            yield server
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # as Ctrl+C does: it writes its figures down
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    last_lines = "\n".join(log_path.read_text().splitlines()[-5:])
    raise RuntimeError(f"The server did not start. The end of {log_path}:\n{last_lines}")
