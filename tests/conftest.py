"""Fixtures for the whole suite."""

import pytest

from django_cc.authorization_server import recording
from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.endpoints import errors
from django_cc.authorization_server.minute_counter import minute_counter
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.authorization_server.snapshot.current import current_snapshot
from tests.machines import ACTOR, Machine, TokenEndpoint, register
from tests.remote.fixtures import authority, connected_to, resolver, server_tls

__all__ = ["authority", "connected_to", "resolver", "server_tls"]  # fixtures, too


@pytest.fixture(autouse=True)
def no_outage_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with a server that has met no trouble."""
    monkeypatch.setattr(errors, "_told_at", {})
    minute_counter.forget()
    client_key_sets.forget()
    recording._forget()
    monkeypatch.setattr(current_snapshot, "_failed_at", None)


@pytest.fixture
def signing_key(db: None) -> None:
    """Have a key to sign with."""
    ensure_signing_key(ACTOR)


@pytest.fixture
def token_endpoint(signing_key: None) -> TokenEndpoint:
    """Return a server that can issue tokens."""
    return TokenEndpoint()


@pytest.fixture
def machine(db: None) -> Machine:
    """Return a client that may read and write orders."""
    return register()
