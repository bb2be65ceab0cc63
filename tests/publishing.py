"""Clients that publish their keys by URL, and the servers they publish them on."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.clients.registration import (
    Registration,
    register_client_with_keys,
)
from django_cc.protocol.jose import PrivateKey
from tests.assertions import KeyMachine, new_key
from tests.machines import ACTOR
from tests.remote.fixtures import HOST
from tests.remote.servers import Server, say_json, serve


@dataclass
class Publisher:
    """A client's own server, which publishes its keys."""

    server: Server

    @property
    def url(self) -> str:
        """Where the JWK Set is."""
        return self.server.url(host=HOST)

    def publish(self, *keys: PrivateKey, headers: Sequence[str] = ()) -> None:
        """Publish these keys from now on, and no others."""
        self.server.answer(say_json({"keys": [key.public_jwk() for key in keys]}, *headers))


@contextmanager
def publish(tls: ssl.SSLContext, *keys: PrivateKey) -> Iterator[Publisher]:
    """Run a server that publishes keys for as long as the context lasts."""
    with serve(say_json({}), tls=tls) as server:
        publisher = Publisher(server)
        publisher.publish(*keys)
        yield publisher


def register_with_url(
    url: str, key: PrivateKey | None = None, *, name: str = "Publisher", jwks: Sequence[Any] = ()
) -> KeyMachine:
    """Register a machine client that publishes its keys at `url`, and signs with `key`."""
    scopes = choose_scopes(["orders:read"])
    registration = Registration(name=name, scopes=scopes, jwks_uri=url)
    row = register_client_with_keys(registration, jwks, ACTOR)
    return KeyMachine(row, row.client_id, key or new_key())


def signed_with(machine: KeyMachine, key: PrivateKey) -> KeyMachine:
    """Return the same client as it signs with another key."""
    return KeyMachine(machine.row, machine.client_id, key)


def allow_loopback(settings: Any) -> None:
    """Let clients publish keys on this machine's 127.0.0.1."""
    settings.DJANGO_CC = {
        **settings.DJANGO_CC,
        "JWKS_URI_ALLOWED_NETWORKS": ["127.0.0.1/32"],
    }
