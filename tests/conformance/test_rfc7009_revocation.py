"""RFC 7009: token revocation."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as HTTPClient

from django_cc.authorization_server.clients.state import revoke_tokens
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.tokens import own_revocation
from django_cc.models import AuditEvent, RevokedToken
from tests.jwts import read_claims, with_claims
from tests.machines import (
    ACTOR,
    REVOCATION_URL,
    Machine,
    TokenEndpoint,
    ask_endpoint,
    call,
    introspect,
    read_json,
    register,
)
from tests.projects.combined import ISSUER

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


def revoke(machine: Machine, token: str, **more: str) -> Any:
    return ask_endpoint(REVOCATION_URL, machine, token=token, **more)


@pytest.mark.rfc("7009", "2.2", "200, the content of the body is ignored; effective at once")
def test_kills_a_token_at_once(machine: Machine, token: str) -> None:
    answer = revoke(machine, token)

    assert (answer.status_code, answer.content) == (200, b"")
    assert call(token=token).status_code == 401
    assert introspect(machine, token) == {"active": False}


@pytest.mark.rfc(
    "6749", "5.1", "Cache-Control: no-store and Pragma: no-cache MUST be included, in errors too"
)
def test_is_never_cached(machine: Machine, token: str) -> None:
    answer = revoke(machine, token)

    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


def test_leaves_the_clients_other_tokens_alone(
    token_endpoint: TokenEndpoint, machine: Machine, token: str
) -> None:
    other = token_endpoint.access_token(machine)

    revoke(machine, token)

    assert call(token=other).status_code == 200


@pytest.mark.rfc("7009", "2.1", "refused if the token was not issued to the client")
def test_leaves_tokens_of_others_alive_and_says_nothing(token: str) -> None:
    answer = revoke(register("Other"), token)

    assert (answer.status_code, answer.content) == (200, b"")
    assert call(token=token).status_code == 200
    assert not RevokedToken.objects.exists()


@pytest.mark.rfc("7009", "2.2", "invalid tokens do not cause an error response")
@pytest.mark.parametrize("unknown", ["x", "a.b.c", "¡"], ids=["text", "three parts", "not ASCII"])
def test_answers_the_same_for_what_is_no_token(machine: Machine, unknown: str) -> None:
    assert revoke(machine, unknown).status_code == 200
    assert not RevokedToken.objects.exists()


def test_stores_nothing_that_a_stranger_made_up(machine: Machine, token: str) -> None:
    assert revoke(machine, with_claims(token, jti="mine")).status_code == 200
    assert not RevokedToken.objects.exists()


@pytest.mark.rfc("7009", "2.2", "200 also for a token that was revoked already")
def test_records_the_second_time_nothing(machine: Machine, token: str) -> None:
    answers = [revoke(machine, token).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert AuditEvent.objects.filter(event="token_revoked").count() == 1


@pytest.mark.rfc("7009", "2.1", "token_type_hint: an incorrect one must not hide the token")
@pytest.mark.parametrize("hint", ["refresh_token", "nonsense"])
def test_ignores_the_hint(machine: Machine, token: str, hint: str) -> None:
    assert revoke(machine, token, token_type_hint=hint).status_code == 200
    assert call(token=token).status_code == 401


@pytest.mark.rfc("7009", "2.1", "the client is authenticated as at the token endpoint")
def test_refuses_who_does_not_authenticate(token: str) -> None:
    answer = ask_endpoint(REVOCATION_URL, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


def test_takes_no_access_token_for_a_clients_credentials(
    token_endpoint: TokenEndpoint, machine: Machine, token: str
) -> None:
    own = token_endpoint.access_token(machine, resource=ISSUER)

    assert ask_endpoint(REVOCATION_URL, bearer=own, token=token).status_code == 401
    assert call(token=token).status_code == 200


@pytest.mark.rfc("7009", "2.1", "the token is REQUIRED")
def test_asks_for_the_token(machine: Machine) -> None:
    answer = ask_endpoint(REVOCATION_URL, machine)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("7009", "2.1", "HTTP POST")
def test_refuses_get() -> None:
    answer = HTTPClient().get(REVOCATION_URL, secure=True)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_the_trail_names_the_client(machine: Machine, token: str) -> None:
    revoke(machine, token)

    event = AuditEvent.objects.get(event="token_revoked")
    assert (event.actor_kind, event.actor, event.client_id, event.address, event.detail) == (
        "client",
        machine.client_id,
        machine.client_id,
        "127.0.0.1",
        read_claims(token)["jti"],
    )


def test_forgets_the_token_only_when_it_has_expired(machine: Machine, token: str) -> None:
    revoke(machine, token)

    kept_until = RevokedToken.objects.get().expires_at
    assert kept_until.timestamp() == read_claims(token)["exp"]


def test_kills_what_was_dead_already_without_a_word(machine: Machine, token: str) -> None:
    revoke_tokens(machine.row, ACTOR)

    assert revoke(machine, token).status_code == 200


def test_notes_the_use_of_the_secret(machine: Machine) -> None:
    revoke(machine, "x")
    write_down()

    assert machine.row.secrets.get().last_used_at is not None


@pytest.mark.rfc("7009", "2.2.1", "503: the token still exists; Retry-After says for how long")
def test_answers_503_where_nothing_can_be_written(
    machine: Machine, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(own_revocation, "revoke_token", fail)

    answer = revoke(machine, token)

    assert (answer.status_code, read_json(answer)["error"]) == (503, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert call(token=token).status_code == 200
