"""A project's ATOMIC_REQUESTS has no say at the OAuth endpoints."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client as HTTPClient

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.authorization_server.tokens import issuing
from django_cc.models import UsedAssertion
from tests.assertions import present, register_with_key
from tests.authorization_server.looking import look, unplugged
from tests.machines import (
    ACTOR,
    INTROSPECTION_URL,
    Machine,
    TokenEndpoint,
    ask_endpoint,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Django put every view of the project into a transaction."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


def ask_for_a_token(endpoint: TokenEndpoint, machine: Machine) -> Any:
    return endpoint.post(authorization=machine.basic())


def introspect_it(endpoint: TokenEndpoint, machine: Machine) -> Any:
    return ask_endpoint(INTROSPECTION_URL, machine, token="x")


def fetch_keys(endpoint: TokenEndpoint, machine: Machine) -> Any:
    return HTTPClient().get("/oauth/jwks", secure=True)


def fetch_metadata(endpoint: TokenEndpoint, machine: Machine) -> Any:
    return HTTPClient().get("/.well-known/oauth-authorization-server", secure=True)


@pytest.mark.parametrize("ask", [ask_for_a_token, introspect_it, fetch_keys, fetch_metadata])
def test_no_transaction_is_begun_so_the_database_may_be_away(
    live: tuple[TokenEndpoint, Machine], ask: Any
) -> None:
    endpoint, machine = live
    look()
    endpoint.access_token(machine)
    connection.close()

    with unplugged():
        answer = ask(endpoint, machine)

    assert answer.status_code == 200


def test_an_error_gives_no_assertion_a_second_try(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_signing_key(ACTOR)
    signer = register_with_key()
    assertion = signer.assertion()

    def fail(*_arguments: object, **_more: object) -> str:
        raise RuntimeError("what nobody expected")

    with monkeypatch.context() as patch:
        patch.setattr(issuing, "sign_access_token", fail)
        with pytest.raises(RuntimeError, match="nobody expected"):
            present(TokenEndpoint(), signer, assertion)

    assert UsedAssertion.objects.count() == 1
    assert present(TokenEndpoint(), signer, assertion).status_code == 401
