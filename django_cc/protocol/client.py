"""What the protocol must know of a client, and where it asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django_cc.protocol.errors import RefusalReason
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import ClientID, KeyID
from django_cc.protocol.networks import IPNetwork
from django_cc.protocol.scope import Scope


class AuthenticationFamily(StrEnum):
    """Methods that prove the same thing: one of them may stand in for another of its family."""

    CLIENT_SECRET = "client_secret"  # noqa: S105 - a family's name
    PRIVATE_KEY_JWT = "private_key_jwt"


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A live client secret as the server keeps it: a digest and an end (aware UTC) or none."""

    digest: str
    expires_at: datetime | None

    @property
    def scheme(self) -> str:
        """How it was digested: the word before the first `$`."""
        return self.digest.partition("$")[0]

    def is_live(self, now: datetime) -> bool:
        """Whether it has not come to its end at `now` (aware UTC)."""
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A public key of a client that was not removed, and its end (aware UTC) or none."""

    kid: KeyID
    public_key: PublicKey
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PreviousFamily:
    """The family a client is leaving, and until when it still counts (aware UTC)."""

    family: AuthenticationFamily
    until: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """A registered machine client.

    Attributes:
        client_id: its public name.
        generation: counts what killed its earlier tokens; a token of another one is dead.
        enabled: False while somebody has stopped it.
        secrets: its live secrets, any of which authenticates it.
        access: for each API it may call, by audience, the scope it holds there.
        default_audience: the API meant when a request names none.
        server_access: the same for the server's own API, whose audience is the issuer. It is
            reached by naming it alone: no default and no inference from a scope leads there.
        introspects: the audiences whose tokens it may introspect.
        expires_at: aware UTC; from then on it gets no token, and those it has are dead. None for
            never.
        token_lifetime: how long its tokens live, in whole seconds; None for as long as the API
            or the server says.
        networks: any of which it may ask for tokens from; None for anywhere.
        rate: how many tokens it may get in a minute; None for any number. The server counts.
        keys: its public keys by key ID, the expired ones too.
        jwks_uri: where it publishes further keys as a JWK Set; empty for nowhere.
        authentication: the family by which it authenticates; no other is accepted.
        previous_authentication: the family it is leaving, or None.
        accepts_endpoint_audience: whether its assertions may name the token endpoint as `aud`.
    """

    client_id: ClientID
    generation: int
    enabled: bool
    secrets: tuple[StoredSecret, ...]
    access: Mapping[str, Scope]
    default_audience: str | None = None
    expires_at: datetime | None = None
    token_lifetime: timedelta | None = None
    networks: tuple[IPNetwork, ...] | None = None
    rate: int | None = None
    keys: Mapping[KeyID, StoredKey] = field(default_factory=dict)
    jwks_uri: str = ""
    authentication: AuthenticationFamily = AuthenticationFamily.CLIENT_SECRET
    previous_authentication: PreviousFamily | None = None
    accepts_endpoint_audience: bool = False

    def authentication_families(self, now: datetime) -> frozenset[AuthenticationFamily]:
        """Return the families that count at `now` (aware UTC): its own, and one it is leaving.

        RFC 6749 §2.3.2: the server defines which method is whose. A client with a key must not
        be impersonated by a secret that was left lying about.
        """
        previous = self.previous_authentication
        if previous is None or previous.until <= now:
            return frozenset({self.authentication})
        return frozenset({self.authentication, previous.family})

    server_access: Mapping[str, Scope] = field(default_factory=dict)
    introspects: frozenset[str] = frozenset()

    def find_held_scope(self, audience: str) -> Scope | None:
        """Return all it may do at `audience`, or None where it has no access."""
        return self.server_access.get(audience) or self.access.get(audience)

    def find_obstacle(self, *, now: datetime) -> RefusalReason | None:
        """Return why it may neither get nor use tokens at `now` (aware UTC), or None."""
        if not self.enabled:
            return RefusalReason.CLIENT_DISABLED
        if self.expires_at is not None and self.expires_at <= now:
            return RefusalReason.CLIENT_EXPIRED
        return None


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """Which credential of a client was used; nothing in it could be used to authenticate.

    Attributes:
        family: what kind it is.
        id: of a secret its digest, of a key its key ID.
    """

    family: AuthenticationFamily
    id: str


@dataclass(frozen=True, slots=True)
class AuthenticatedClient:
    """A client that has proved who it is, and the credential it proved it with."""

    client: Client
    credential: CredentialRef


class ClientDirectory(Protocol):
    """Looks clients up, without telling by its time which ones exist."""

    def find_client(self, client_id: str) -> Client | None:
        """Return the client, or None when there is none of that ID."""
        ...
