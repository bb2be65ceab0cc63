"""What the protocol must know of a client, and where it asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django_cc.protocol.errors import RefusalReason
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A live client secret as the server keeps it: a digest and an end (aware UTC) or none."""

    digest: str
    expires_at: datetime | None


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
    """

    client_id: ClientID
    generation: int
    enabled: bool
    secrets: tuple[StoredSecret, ...]
    access: Mapping[str, Scope]
    default_audience: str | None = None
    expires_at: datetime | None = None
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
class AuthenticatedClient:
    """A client that has proved who it is, and the secret it proved it with."""

    client: Client
    secret: StoredSecret


class ClientDirectory(Protocol):
    """Looks clients up, without telling by its time which ones exist."""

    def find_client(self, client_id: str) -> Client | None:
        """Return the client, or None when there is none of that ID."""
        ...
