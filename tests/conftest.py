"""Fixtures for the whole suite."""

import pytest

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.machines import ACTOR, Machine, TokenEndpoint, register


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
