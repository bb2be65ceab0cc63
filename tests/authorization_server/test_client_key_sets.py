"""What this process keeps of the keys that clients publish."""

import os
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from django_cc.authorization_server import client_key_sets as module
from django_cc.authorization_server.client_key_sets import (
    ClientKeySets,
    client_key_sets,
    fetch_published_keys,
)
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidClient
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import KeyID
from django_cc.remote.unavailable import DocumentUnavailable
from tests.assertions import new_key
from tests.protocol.clients import make_client
from tests.publishing import allow_loopback, publish
from tests.remote.fixtures import HOST, Names
from tests.remote.servers import say_nothing, serve

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def client_at(url: str) -> Client:
    return replace(make_client(), jwks_uri=url)


def kid_of(key: PrivateKey) -> KeyID:
    return KeyID(key.public_jwk()["kid"])


def test_forgets_what_was_not_used_for_longest(
    server_tls: ssl.SSLContext, resolver: Names, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_loopback(settings)
    monkeypatch.setattr(module, "_MOST_SETS", 2)
    key, sets = new_key(), ClientKeySets()

    with publish(server_tls, key) as publisher:
        first, second, third = (f"{publisher.url}?{number}" for number in range(3))
        for url in (first, second, first, third, first, second):
            assert sets.find_key(client_at(url), kid_of(key), now=NOW) is not None

    asked = [request.split()[1] for request in publisher.server.requests]
    assert [target[-1] for target in asked] == ["0", "1", "2", "1"]


def test_reads_no_set_of_more_than_twenty_keys(
    server_tls: ssl.SSLContext, resolver: Names, settings: Any
) -> None:
    allow_loopback(settings)
    keys = [new_key() for _number in range(21)]

    with publish(server_tls, *keys) as publisher, pytest.raises(InvalidClient):
        ClientKeySets().find_key(client_at(publisher.url), kid_of(keys[0]), now=NOW)


def test_people_who_read_urls_keep_no_client_from_its_keys(
    server_tls: ssl.SSLContext, resolver: Names, settings: Any
) -> None:
    allow_loopback(settings)
    key = new_key()

    def read(url: str) -> None:
        with suppress(DocumentUnavailable):
            fetch_published_keys(url)

    with (
        serve(say_nothing, tls=server_tls) as tarpit,
        publish(server_tls, key) as publisher,
        ThreadPoolExecutor(8) as people,
    ):
        readings = [people.submit(read, tarpit.url(host=HOST)) for _ in range(8)]
        while not tarpit.requests:
            time.sleep(0.01)

        found = ClientKeySets().find_key(client_at(publisher.url), kid_of(key), now=NOW)
        still_reading = [one for one in readings if not one.done()]

    assert found is not None
    assert still_reading


@pytest.mark.fork
def test_goes_on_in_a_child_that_was_forked_while_a_lock_was_held(resolver: Names) -> None:
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with client_key_sets._lock:
            held.set()
            forked.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            client_key_sets.find_key(client_at("https://nowhere.example.com/"), None, now=NOW)
        except InvalidClient:
            status = 0
        finally:
            os._exit(status)
    forked.set()
    holder.join()

    assert os.waitpid(pid, 0)[1] == 0
