"""RFC 7662: token introspection."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as HTTPClient

from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.clients.state import disable_client, revoke_tokens
from django_cc.authorization_server.endpoints import introspection
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.models import API
from tests.jwts import read_claims
from tests.machines import (
    ACTOR,
    INTROSPECTION_URL,
    Machine,
    TokenEndpoint,
    ask_endpoint,
    introspect,
    read_json,
    register,
)
from tests.projects.combined import ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(db: None) -> Machine:
    """A client that may introspect for the orders API."""
    machine = register("Gateway", ["billing:read", "introspection"])
    allow_introspection(API.objects.get(identifier=ORDERS_API), machine.row, ACTOR)
    return machine


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


@pytest.fixture
def bearer(token_endpoint: TokenEndpoint, gateway: Machine) -> str:
    """A token that authorizes introspection."""
    return token_endpoint.access_token(gateway, resource=ISSUER, scope="introspection")


@pytest.mark.rfc("7662", "2.2", "active, and what the token says")
def test_tells_whoever_may_know_what_a_token_says(
    gateway: Machine, machine: Machine, token: str
) -> None:
    said = read_claims(token)

    assert introspect(gateway, token) == {
        "active": True,
        "iss": ISSUER,
        "sub": machine.client_id,
        "aud": ORDERS_API,
        "client_id": machine.client_id,
        "scope": "orders:read orders:write",
        "exp": said["exp"],
        "iat": said["iat"],
        "jti": said["jti"],
        "token_type": "Bearer",
    }


@pytest.mark.rfc("7662", "2.1", "the caller may be authorized by an access token of its own")
def test_is_authorized_by_a_token_for_this_server(bearer: str, token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, bearer=bearer, token=token)

    assert read_json(answer)["active"] is True


def test_is_authorized_by_credentials_in_the_body(gateway: Machine, token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, None, **gateway.body_credentials(), token=token)

    assert read_json(answer)["active"] is True


def test_tells_a_client_about_its_own_tokens(machine: Machine, token: str) -> None:
    assert introspect(machine, token)["active"] is True


@pytest.mark.rfc(
    "7662", "4", "MUST determine whether a token has been revoked, and its client's state"
)
@pytest.mark.rfc("7662", "2.2", "inactive is {active: false} and SHOULD NOT say more")
@pytest.mark.parametrize("change", [disable_client, revoke_tokens], ids=lambda act: act.__name__)
def test_says_nothing_of_a_dead_token(
    gateway: Machine, machine: Machine, token: str, change: Any
) -> None:
    change(machine.row, ACTOR)

    assert introspect(gateway, token) == {"active": False}


@pytest.mark.rfc("7662", "4", "MUST determine whether a token has expired")
def test_says_nothing_of_an_expired_token(gateway: Machine, token: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        assert introspect(gateway, token) == {"active": False}


@pytest.mark.rfc("7662", "2.3", "an unknown token is answered with 200, not with an error")
@pytest.mark.parametrize(
    "unknown",
    ["x", "a.b.c", "¡", "\t", "x" * 20_000],
    ids=["text", "three parts", "not ASCII", "blank", "long"],
)
def test_says_nothing_of_what_is_no_token(gateway: Machine, unknown: str) -> None:
    assert introspect(gateway, unknown) == {"active": False}


@pytest.mark.rfc("7662", "2.1", "the token is REQUIRED")
def test_asks_for_the_token(gateway: Machine) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, gateway, token="")

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("7662", "2.1", "an unknown token_type_hint may be ignored")
def test_ignores_the_hint(gateway: Machine, token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, gateway, token=token, token_type_hint="nonsense")

    assert read_json(answer)["active"] is True


@pytest.mark.rfc("7662", "2.3", "401 where the caller does not authenticate, as RFC 6749 §5.2")
def test_challenges_a_caller_without_credentials(token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.rfc("7662", "2.3", "401 where the caller's token is bad, as RFC 6750 §3")
def test_challenges_a_caller_whose_token_is_for_another_api(token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, bearer=token, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_token"')


@pytest.mark.rfc("6750", "3", "MUST include the WWW-Authenticate header field")
@pytest.mark.parametrize("bearer", [" ", "a b", "a,b", "é"], ids=repr)
def test_challenges_a_caller_whose_header_is_malformed(db: None, bearer: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, bearer=bearer, token="x")

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_request"')


@pytest.mark.rfc("6750", "3.1", "insufficient_scope: 403, MAY name the scope")
def test_refuses_a_token_of_the_caller_without_the_scope(
    token_endpoint: TokenEndpoint, machine: Machine, token: str
) -> None:
    own = token_endpoint.access_token(machine, resource=ISSUER)

    answer = ask_endpoint(INTROSPECTION_URL, bearer=own, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (403, "insufficient_scope")
    assert 'scope="introspection"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6749", "2.3", "MUST NOT use more than one authentication method per request")
def test_refuses_a_token_and_a_secret_together(gateway: Machine, bearer: str, token: str) -> None:
    answer = ask_endpoint(
        INTROSPECTION_URL, None, bearer=bearer, token=token, **gateway.body_credentials()
    )

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("7662", "2.1", "HTTP POST; GET MAY be refused")
def test_refuses_get(token: str) -> None:
    answer = HTTPClient().get(INTROSPECTION_URL, secure=True)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.rfc("7662", "4", "answers must not outlive the token in a cache")
def test_is_never_cached(gateway: Machine, token: str) -> None:
    answer = ask_endpoint(INTROSPECTION_URL, gateway, token=token)

    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.rfc("9110", "15.6.4", "503 with Retry-After")
def test_says_nothing_while_it_may_be_out_of_date(
    gateway: Machine, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise SnapshotTooOldError

    monkeypatch.setattr(introspection, "get_snapshot_for_issuing", fail)

    answer = ask_endpoint(INTROSPECTION_URL, gateway, token=token)

    assert (answer.status_code, read_json(answer)["error"]) == (503, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0


def test_counts_as_a_use_of_the_secret(gateway: Machine, token: str) -> None:
    introspect(gateway, token)
    write_down()

    assert gateway.row.secrets.get().last_used_at is not None
