"""Servers whose rows are committed, so that other connections and threads see them."""

import time
from typing import Any

import pytest

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.machines import ACTOR, Machine, TokenEndpoint, register


@pytest.fixture
def live(transactional_db: None) -> tuple[TokenEndpoint, Machine]:
    """A server and a client in committed rows."""
    ensure_signing_key(ACTOR)
    return TokenEndpoint(), register()


@pytest.fixture
def aged(live: tuple[TokenEndpoint, Machine], settings: Any) -> tuple[Any, ...]:
    """A server whose snapshot is older than PROPAGATION_SECONDS, and a token from before."""
    settings.DJANGO_CC = {**settings.DJANGO_CC, "PROPAGATION_SECONDS": 1}
    endpoint, machine = live
    token = endpoint.access_token(machine)
    time.sleep(1.1)
    return endpoint, machine, token
