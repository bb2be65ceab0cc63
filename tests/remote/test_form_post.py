"""Posting forms: what comes back, what does not, and what a fork leaves of connections."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from django_cc.remote.form_post import FormPoster
from django_cc.remote.unavailable import DocumentUnavailable
from tests.resource_server import issuer_server
from tests.resource_server.issuer_server import INTROSPECT, IssuerServer

SECOND = timedelta(seconds=1)


@pytest.fixture
def server() -> Iterator[IssuerServer]:
    with issuer_server.running() as running:
        yield running


def make(**options: Any) -> FormPoster:
    return FormPoster(**{"timeout": SECOND, "at_once": 4, "plain_http": True, **options})


def post(poster: FormPoster, server: IssuerServer, token: str = "a b&c=d") -> Any:
    headers = {"Authorization": "Basic eDp5"}
    return poster.post(f"{server.issuer}{INTROSPECT}", {"token": token}, headers).content


def test_sends_a_form_and_reads_json(server: IssuerServer) -> None:
    assert post(make(), server) == {"active": True}
    assert server.introspected == ["a b&c=d"]
    assert server.authorizations == ["x:y"]


def test_opens_another_connection_where_the_server_closed_one(server: IssuerServer) -> None:
    poster = make()
    post(poster, server)
    server.stop()
    server.start()

    assert post(poster, server) == {"active": True}


def test_follows_no_redirect(server: IssuerServer) -> None:
    server.status = 307

    with pytest.raises(DocumentUnavailable, match="redirects"):
        post(make(), server)


def test_says_what_is_out_of_reach(server: IssuerServer) -> None:
    server.stop()

    with pytest.raises(DocumentUnavailable, match="cannot be reached"):
        post(make(), server)


def test_takes_plain_http_only_where_it_is_told_to(server: IssuerServer) -> None:
    with pytest.raises(DocumentUnavailable, match="https"):
        post(make(plain_http=False), server)
    assert server.asked == []


def test_waits_no_longer_than_agreed(server: IssuerServer) -> None:
    server.delay = threading.Event()

    with pytest.raises(DocumentUnavailable, match="answer"):
        post(make(timeout=timedelta(milliseconds=200)), server)
    server.delay.set()


@contextmanager
def dripping() -> Iterator[str]:
    """A server whose answer never comes to its end: a blank of the body every tenth of a second."""
    stop = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(4096)
            connection.sendall(head)
            while not stop.wait(0.1):
                connection.sendall(b" ")

    def serve() -> None:
        with suppress(OSError):
            while not stop.is_set():
                threading.Thread(target=drip, args=[listener.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        stop.set()


def test_an_answer_that_drips_holds_its_place_no_longer_than_agreed() -> None:
    poster = make(timeout=timedelta(seconds=0.4), at_once=1)

    with dripping() as url:
        for _time in range(3):
            with pytest.raises(DocumentUnavailable, match=r"no answer within|JSON"):
                poster.post(url, {}, {})
            time.sleep(0.3)


def test_asks_no_more_at_once_than_agreed(server: IssuerServer) -> None:
    server.delay = threading.Event()
    poster = make(at_once=1)
    first = threading.Thread(target=lambda: post(poster, server))
    first.start()
    while not server.asked:
        pass

    with pytest.raises(DocumentUnavailable, match="too many"):
        post(poster, server)
    server.delay.set()
    first.join()


def test_tells_trouble_with_tls(server: IssuerServer) -> None:
    url = f"https://127.0.0.1:{server.port}{INTROSPECT}"

    with pytest.raises(DocumentUnavailable, match="TLS failed"):
        make().post(url, {}, {})


@pytest.mark.fork
def test_a_forked_child_has_connections_of_its_own(server: IssuerServer) -> None:
    poster = make()
    post(poster, server)
    pid = os.fork()
    if not pid:
        os._exit(0 if post(poster, server) == {"active": True} else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    assert status == 0
    assert post(poster, server) == {"active": True}
