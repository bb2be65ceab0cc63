"""Threat: make this server ask another one that it should not, or wait for ever for it.

A `jwks_uri` is chosen by whoever registers a client, and read because of requests of strangers.
"""

import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import UsedAssertion
from tests.assertions import KeyMachine, new_key, present
from tests.jwts import segment
from tests.machines import ACTOR, Machine, TokenEndpoint, read_json
from tests.publishing import Publisher, allow_loopback, publish, register_with_url
from tests.remote.fixtures import HOST, Names
from tests.remote.servers import Answer, say, say_json, say_nothing, send_forever, serve

pytestmark = pytest.mark.django_db

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(b" " * 10_000_000)

FORBIDDEN_URLS = {
    "loopback": "https://127.0.0.1:{port}/",
    "loopback by IPv6": "https://[::1]:{port}/",
    "loopback inside IPv6": "https://[::ffff:127.0.0.1]:{port}/",
    "loopback in short": "https://127.1:{port}/",
    "loopback as a number": "https://2130706433:{port}/",
    "loopback in hexadecimal": "https://0x7f000001:{port}/",
    "unspecified": "https://0.0.0.0:{port}/",
    "metadata of a cloud": "https://169.254.169.254/latest/meta-data/iam/",
    "metadata by NAT64": "https://[64:ff9b::a9fe:a9fe]/",
    "metadata by IPv6": "https://[fd00:ec2::254]/",
    "6to4 of loopback": "https://[2002:7f00:1::]:{port}/",
    "a neighbour": "https://10.0.0.1/",
    "a name of loopback": "https://localhost:{port}/",
    "a name of a neighbour": "https://intranet.example.com/",
    "a name with one address that is": "https://both.example.com:{port}/",
}


@pytest.fixture
def forbidden(server_tls: ssl.SSLContext) -> Iterator[Any]:
    """A server on this machine, which no setting allows."""
    with serve(say_json({"keys": [new_key().public_jwk()]}), tls=server_tls) as server:
        yield server


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network that a setting allows."""
    allow_loopback(settings)
    with publish(server_tls) as publisher:
        yield publisher


def refuse(endpoint: TokenEndpoint, client: KeyMachine, assertion: str | None = None) -> None:
    answer = present(endpoint, client, assertion)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")
    assert not UsedAssertion.objects.exists()


@pytest.mark.parametrize("case", FORBIDDEN_URLS)
def test_sends_nothing_to_a_forbidden_address(
    token_endpoint: TokenEndpoint,
    forbidden: Any,
    resolver: Names,
    connected_to: list[Any],
    case: str,
) -> None:
    resolver.answer("localhost", ["127.0.0.1"])
    resolver.answer("intranet.example.com", ["192.168.1.10"])
    resolver.answer("both.example.com", ["8.8.8.8", "127.0.0.1"])
    resolver.answer("127.1", ["127.0.0.1"])
    client = register_with_url(FORBIDDEN_URLS[case].format(port=forbidden.port))
    connected_to.clear()

    refuse(token_endpoint, client)

    assert connected_to == []
    assert forbidden.connections == 0


def test_connects_to_what_it_judged_though_the_name_changes_its_mind(
    token_endpoint: TokenEndpoint,
    publisher: Publisher,
    resolver: Names,
    connected_to: list[Any],
) -> None:
    key = new_key()
    publisher.publish(key)
    resolver.answer(HOST, ["127.0.0.1"], ["169.254.169.254"])
    client = register_with_url(publisher.url, key)
    connected_to.clear()

    assert present(token_endpoint, client).status_code == 200
    assert connected_to == [("127.0.0.1", publisher.server.port)]
    assert resolver.asked == [HOST]


def test_judges_the_name_anew_at_the_next_fetch(
    token_endpoint: TokenEndpoint,
    publisher: Publisher,
    resolver: Names,
    connected_to: list[Any],
    time_machine: Any,
) -> None:
    publisher.publish(new_key())
    resolver.answer(HOST, ["127.0.0.1"], ["169.254.169.254"])
    client = register_with_url(publisher.url)
    refuse(token_endpoint, client)
    connected_to.clear()

    time_machine.move_to(time.time() + 40, tick=True)
    refuse(token_endpoint, client)

    assert connected_to == []
    assert resolver.asked == [HOST, HOST]


def test_follows_no_redirect_to_a_forbidden_address(
    token_endpoint: TokenEndpoint, publisher: Publisher, forbidden: Any
) -> None:
    away = f"Location: https://127.0.0.1:{forbidden.port}/latest/meta-data/"
    publisher.server.answer(say(b"{}", away, status="302 Found"))

    refuse(token_endpoint, register_with_url(publisher.url))

    assert len(publisher.server.requests) == 1
    assert forbidden.connections == 0


ENDLESS: dict[str, Answer] = {
    "silence": say_nothing,
    "a body without end": send_forever(JSON_HEAD + b"\r\n", b" " * 65_536),
    "chunks without end": send_forever(
        JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b" " * 16_384 + b"\r\n"
    ),
    "a body that drips": send_forever(JSON_HEAD + b"\r\n", b" ", pause=0.1),
    "headers that drip": send_forever(b"HTTP/1.1 200 OK\r\nX: ", b"y", pause=0.1),
    "huge JSON": say(b'{"keys": [' + b"0," * 5_000_000 + b"0]}"),
    "a length that lies": say(b"{}", "Content-Length: 99999999999"),
    "a bomb": say(BOMB, "Content-Encoding: gzip"),
    "a bomb inside a bomb": say(gzip.compress(BOMB), "Content-Encoding: gzip, gzip"),
    "deep nesting": say(b"[" * 65_000),
    "a thousand keys": say_json({"keys": [{"kty": "EC"}] * 1000}),
    "a page": say(b"<html></html>", media_type="text/html"),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_waits_two_seconds_at_the_most(
    token_endpoint: TokenEndpoint, publisher: Publisher, case: str
) -> None:
    publisher.server.answer(ENDLESS[case])
    client = register_with_url(publisher.url)

    began = time.monotonic()
    refuse(token_endpoint, client)

    assert time.monotonic() - began < 4  # two, on a machine that is busy


def test_asks_once_however_many_keys_a_stranger_invents(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    publisher.publish(new_key())
    client = register_with_url(publisher.url)

    for number in range(20):
        refuse(token_endpoint, client, client.assertion(header={"kid": f"invented {number}"}))

    assert publisher.server.connections == 1


def test_asks_once_for_strangers_while_the_clients_server_is_away(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    publisher.server.answer(say(b"", status="500 Oh"))
    client = register_with_url(publisher.url)

    for _again in range(20):
        refuse(token_endpoint, client)

    assert publisher.server.connections == 1


def test_asks_once_for_all_clients_of_one_url(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    publisher.publish(new_key())
    clients = [register_with_url(publisher.url, name=f"Client {number}") for number in range(5)]

    for client in clients:
        refuse(token_endpoint, client)

    assert publisher.server.connections == 1


HOPELESS: dict[str, dict[str, Any]] = {
    "for another server": {"aud": "https://elsewhere.example.com"},
    "expired": {"exp": 1},
    "for an hour": {"exp": int(time.time()) + 3600},
    "without jti": {"jti": None},
}


@pytest.mark.parametrize("case", HOPELESS)
def test_asks_nobody_about_an_assertion_that_would_be_refused_anyway(
    token_endpoint: TokenEndpoint, publisher: Publisher, case: str
) -> None:
    client = register_with_url(publisher.url)

    refuse(token_endpoint, client, client.assertion(**HOPELESS[case]))

    assert publisher.server.connections == 0


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {}], ids=str)
def test_asks_nobody_about_an_algorithm_that_is_nobodys(
    token_endpoint: TokenEndpoint, publisher: Publisher, header: dict[str, str]
) -> None:
    client = register_with_url(publisher.url)
    forged = f"{segment({'kid': 'x', **header})}.{segment(client.claims())}.AAAA"

    refuse(token_endpoint, client, forged)

    assert publisher.server.connections == 0


def test_asks_nobody_for_a_client_that_is_disabled(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    client = register_with_url(publisher.url)
    disable_client(client.row, ACTOR)

    refuse(token_endpoint, client)

    assert publisher.server.connections == 0


def test_asks_nobody_for_a_client_that_nobody_registered(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    client = register_with_url(publisher.url)

    refuse(token_endpoint, KeyMachine(client.row, "a" * 24, client.key))

    assert publisher.server.connections == 0


def test_asks_nobody_for_a_client_that_authenticates_by_secrets(
    token_endpoint: TokenEndpoint, publisher: Publisher, machine: Machine
) -> None:
    update_client(machine.row, Changes(jwks_uri=publisher.url), ACTOR)

    refuse(token_endpoint, KeyMachine(machine.row, machine.client_id, new_key()))

    assert publisher.server.connections == 0


def test_never_looks_at_a_url_of_the_assertion(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    client = register_with_url("https://nowhere.example.com/", key)

    for name in ("jku", "x5u"):
        refuse(token_endpoint, client, client.assertion(header={name: publisher.url}))

    assert publisher.server.connections == 0


def test_gives_a_stranger_the_same_words_as_for_an_unknown_client(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    publisher.publish(new_key())
    known = register_with_url(publisher.url)
    away = register_with_url("https://nowhere.example.com/", name="Away")
    answers = set()

    for client in (known, away, KeyMachine(known.row, "a" * 24, known.key)):
        answer = present(token_endpoint, client)
        document = read_json(answer)
        words = document["error_description"].partition(" (reference")[0]
        headers = tuple(sorted(answer.headers.items()))
        answers.add((answer.status_code, document["error"], words, headers))

    assert len(answers) == 1


@pytest.mark.django_db(transaction=True)
def test_holds_no_transaction_while_it_waits(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    of_the_request, states, key = connections["default"], [], new_key()
    client = register_with_url(publisher.url, key)
    answering = say_json({"keys": [key.public_jwk()]})

    def answer(socket: Any, closing: threading.Event) -> None:
        states.append(of_the_request.in_atomic_block)
        answering(socket, closing)

    publisher.server.answer(answer)

    assert present(token_endpoint, client).status_code == 200
    assert states == [False]
