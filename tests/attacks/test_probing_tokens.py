"""Whoever may not know a token learns nothing of it, and cannot kill it."""

from typing import Any

import pytest
from django.core.cache import cache

from django_cc.authorization_server import recording
from django_cc.authorization_server.clients.introspection import (
    allow_introspection,
    deny_introspection,
)
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.refusals.buffer import RefusalBuffer
from django_cc.models import API, AuditEvent
from tests.jwts import segment, with_claims
from tests.machines import (
    ACTOR,
    FORM,
    INTROSPECTION_URL,
    REVOCATION_URL,
    Machine,
    TokenEndpoint,
    ask_endpoint,
    introspect,
    read_json,
    register,
)
from tests.projects.combined import BILLING_API, ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

URLS = pytest.mark.parametrize("url", [INTROSPECTION_URL, REVOCATION_URL])
NOTHING = {"active": False}


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


def allow(machine: Machine, identifier: str) -> None:
    allow_introspection(API.objects.get(identifier=identifier), machine.row, ACTOR)


@pytest.mark.rfc("7662", "4", "Callers SHOULD be specifically authorized: not every client may ask")
def test_a_client_learns_nothing_of_anothers_token(token: str) -> None:
    assert introspect(register("Curious"), token) == NOTHING


@pytest.mark.rfc("7662", "4", "Callers SHOULD be specifically authorized: not every client may ask")
def test_the_scope_alone_opens_no_api(token_endpoint: TokenEndpoint, token: str) -> None:
    curious = register("Curious", ["introspection"])
    bearer = token_endpoint.access_token(curious, resource=ISSUER)

    assert read_json(ask_endpoint(INTROSPECTION_URL, bearer=bearer, token=token)) == NOTHING


@pytest.mark.rfc("7662", "4", "MUST determine whether a token can be used at the API that asks")
def test_an_api_learns_nothing_of_tokens_for_another(token: str) -> None:
    gateway = register("Gateway", [])
    allow(gateway, BILLING_API)

    assert introspect(gateway, token) == NOTHING


@pytest.mark.rfc("7662", "2.2", "A token the caller may not know about looks inactive")
def test_nobody_learns_of_a_clients_token_for_this_server(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    gateway = register("Gateway", [])
    allow(gateway, ORDERS_API)

    assert introspect(gateway, token_endpoint.access_token(machine, resource=ISSUER)) == NOTHING


@pytest.mark.rfc("7662", "2.2", "A token the caller may not know about looks inactive")
def test_who_may_no_longer_introspect_learns_nothing(token: str) -> None:
    gateway = register("Gateway", [])
    allow(gateway, ORDERS_API)
    deny_introspection(API.objects.get(identifier=ORDERS_API), gateway.row, ACTOR)

    assert introspect(gateway, token) == NOTHING


@pytest.mark.rfc("7662", "4", "MUST validate the signature of a token")
@pytest.mark.parametrize(
    "changes", [{"iss": "https://evil.example"}, {"scope": "admin"}, {"aud": BILLING_API}], ids=str
)
def test_a_forged_token_is_inactive(machine: Machine, token: str, changes: dict[str, str]) -> None:
    assert introspect(machine, with_claims(token, **changes)) == NOTHING


@pytest.mark.rfc("7662", "4", "MUST validate the signature of a token")
def test_an_unsigned_token_is_inactive(machine: Machine, token: str) -> None:
    _header, payload, _signature = token.split(".")
    unsigned = f"{segment({'alg': 'none', 'typ': 'at+jwt'})}.{payload}."

    assert introspect(machine, unsigned) == NOTHING


def test_a_token_of_another_issuer_is_inactive(machine: Machine, token: str, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://new.example.com"}

    assert introspect(machine, token) == NOTHING


@pytest.mark.rfc("7662", "2.1", "MUST require authorization of the caller")
@pytest.mark.rfc("7009", "2.1", "The client MUST be authenticated")
@URLS
def test_a_disabled_caller_is_refused(machine: Machine, token: str, url: str) -> None:
    disable_client(machine.row, ACTOR)

    answer = ask_endpoint(url, machine, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")


@pytest.mark.rfc("7662", "2.1", "MUST require authorization of the caller")
def test_a_disabled_callers_token_is_refused(token_endpoint: TokenEndpoint, token: str) -> None:
    gateway = register("Gateway", ["introspection"])
    allow(gateway, ORDERS_API)
    bearer = token_endpoint.access_token(gateway, resource=ISSUER)
    disable_client(gateway.row, ACTOR)

    answer = ask_endpoint(INTROSPECTION_URL, bearer=bearer, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_token")


@pytest.mark.rfc("7662", "2.1", "Parameters are sent in the body, never in the URI")
@pytest.mark.rfc("7009", "2.1", "Parameters are sent in the body, never in the URI")
@URLS
def test_a_token_in_the_uri_is_refused(
    token_endpoint: TokenEndpoint, machine: Machine, token: str, url: str
) -> None:
    answer = token_endpoint.post(
        b"", path=f"{url}?token={token}", authorization=machine.basic(), content_type=FORM
    )

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("7009", "2.2.1", "invalid_request as RFC 6749 5.2")
@URLS
@pytest.mark.parametrize(
    "body",
    ["token=a&token=b", "token=a&token_type_hint=x&token_type_hint=y", "token=" + "x" * 1_000_000],
    ids=["two tokens", "two hints", "a megabyte"],
)
def test_a_doubtful_body_is_refused(
    token_endpoint: TokenEndpoint, machine: Machine, url: str, body: str
) -> None:
    answer = token_endpoint.post(body, path=url, authorization=machine.basic())

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("7662", "4", "TLS MUST protect the endpoint")
@pytest.mark.rfc("7009", "2", "TLS MUST protect the endpoint")
@URLS
def test_plain_http_is_refused(
    token_endpoint: TokenEndpoint, machine: Machine, token: str, url: str
) -> None:
    answer = token_endpoint.post(
        f"token={token}", path=url, authorization=machine.basic(), secure=False
    )

    assert answer.status_code == 400


def reference(answer: Any) -> str:
    description: str = read_json(answer)["error_description"]
    return description.rpartition("reference ")[2].rstrip(")")


@pytest.mark.rfc("7662", "4", "Guessing of tokens is to be slowed")
@pytest.mark.rfc("7009", "5", "Guessing and denial of service are to be countered")
@URLS
@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer x.y.z"])
def test_guessing_is_slowed_and_recorded(
    token_endpoint: TokenEndpoint,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    header: str,
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": 1}
    cache.clear()
    monkeypatch.setattr(recording, "_refusals", RefusalBuffer())
    answers = [token_endpoint.post(b"token=x", path=url, authorization=header) for _ in range(2)]
    write_down()

    assert [answer.status_code for answer in answers] == [401, 429]
    assert "Retry-After" in answers[1]
    recorded = [AuditEvent.objects.filter(reference=reference(one)).count() for one in answers]
    assert recorded == [1, 0]
