"""Clients and a directory of them, as the protocol core sees them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django_cc.protocol.client import Client, StoredKey, StoredSecret
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.client_authentication.private_key_jwt import (
    AssertionRules,
    VerifiedAssertion,
)
from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.names import ClientID, KeyID
from django_cc.protocol.scope import Scope
from django_cc.protocol.secret_text import SecretText

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SECRET = "dccs_right"
ORDERS = "https://orders.example.com"
BILLING = "https://billing.example.com"
ISSUER = "https://auth.example.com"
TOKEN_ENDPOINT = "https://auth.example.com/oauth/token"


def stored(text: str, expires_at: datetime | None = None) -> StoredSecret:
    """Return a secret as a server keeps it."""
    return StoredSecret(digest_secret(SecretText(text)), expires_at)


def make_client(
    access: dict[str, str] | None = None,
    *,
    secrets: tuple[StoredSecret, ...] | None = None,
    enabled: bool = True,
    default_audience: str | None = None,
    expires_at: datetime | None = None,
    token_lifetime: timedelta | None = None,
    **more: Any,
) -> Client:
    """Return a client that holds `access`: for each audience, its scope."""
    return Client(
        client_id=ClientID("billing-sync"),
        generation=7,
        enabled=enabled,
        secrets=(stored(SECRET),) if secrets is None else secrets,
        access={audience: Scope.parse(scope) for audience, scope in (access or {}).items()},
        default_audience=default_audience,
        expires_at=expires_at,
        token_lifetime=token_lifetime,
        **more,
    )


class Directory:
    """A client directory that is a dictionary."""

    def __init__(self, *clients: Client) -> None:
        self._clients: dict[str, Client] = {client.client_id: client for client in clients}

    def find_client(self, client_id: str) -> Client | None:
        """Return the client, or None when there is none of that ID."""
        return self._clients.get(client_id)


class UsedOnce:
    """A register of used assertions that is a set."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], datetime] = {}

    def record_first_use(self, assertion: VerifiedAssertion) -> None:
        """Record a use, or refuse it."""
        key = assertion.client_id, assertion.token_id
        if key in self.used:
            raise InvalidClient(reason=RefusalReason.REPLAYED_ASSERTION)
        self.used[key] = assertion.expires_at


class Published:
    """Keys that clients publish, as a dictionary; without any, nothing can be had."""

    def __init__(self, *keys: StoredKey) -> None:
        self._keys = {key.kid: key for key in keys}
        self.asked = 0

    def find_key(self, client: Client, kid: KeyID | None, *, now: datetime) -> StoredKey | None:
        """Return the key of that ID, or None."""
        self.asked += 1
        if not self._keys:
            raise InvalidClient(reason=RefusalReason.KEYS_UNAVAILABLE)
        return next(iter(self._keys.values())) if kid is None else self._keys.get(kid)


def make_rules(used: UsedOnce | None = None, published: Published | None = None) -> AssertionRules:
    """Return what a server demands of assertions."""
    leeway = timedelta(seconds=30)
    return AssertionRules(
        ISSUER, TOKEN_ENDPOINT, leeway, used or UsedOnce(), published or Published()
    )
