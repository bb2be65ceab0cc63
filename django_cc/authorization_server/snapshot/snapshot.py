"""What one process knows of clients, APIs and keys at one revision."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from django_cc.protocol.client import Client
from django_cc.protocol.jose import JWK, PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm


@dataclass(frozen=True, slots=True)
class CurrentKey:
    """The key that signs, its private half still encrypted."""

    kid: KeyID
    algorithm: SigningAlgorithm
    encrypted_private_key: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An immutable picture of the database; the `ClientDirectory` of the protocol.

    Complete in memory, so that looking up a known and an unknown client is the same work.
    """

    revision: int
    clients: Mapping[str, Client]
    revoked_tokens: Mapping[str, datetime]  # until when each would have lived, by token ID
    scopes_by_api: Mapping[str, frozenset[str]]  # without the built-in one
    api_names: Mapping[str, str]  # what people call each API, by identifier
    token_lifetimes: Mapping[str, timedelta]  # of the APIs that have one, by identifier
    current_keys: Mapping[SigningAlgorithm, CurrentKey]
    published_jwks: tuple[JWK, ...]
    verification_keys: Mapping[KeyID, PublicKey]
    key_ends: Mapping[KeyID, datetime]  # of those that sign no more: until when they verify

    def on_top_of(self, earlier: Self) -> Self:
        """Return the whole of which this is what changed since `earlier`."""
        return replace(
            self,
            clients={**earlier.clients, **self.clients},
            revoked_tokens={**earlier.revoked_tokens, **self.revoked_tokens},
        )

    def get_verification_keys(self, *, now: datetime) -> Mapping[KeyID, PublicKey]:
        """Return the keys that verify at `now`, whether or not the others were retired yet."""
        if not self.key_ends:
            return self.verification_keys
        ended = {kid for kid, end in self.key_ends.items() if end <= now}
        return {kid: key for kid, key in self.verification_keys.items() if kid not in ended}

    def find_client(self, client_id: str) -> Client | None:
        """Return the client, or None when there is none of that ID."""
        return self.clients.get(client_id)
