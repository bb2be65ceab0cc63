"""What the protocol must know of a client, and where it asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django_cc.protocol.errors import RefusalReason
from django_cc.protocol.names import ClientID
from django_cc.protocol.networks import IPNetwork
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
        expires_at: aware UTC; from then on it gets no token, and those it has are dead. None for
            never.
        token_lifetime: how long its tokens live, in whole seconds; None for as long as the API
            or the server says.
        networks: any of which it may ask for tokens from; None for anywhere.
        rate: how many tokens it may get in a minute; None for any number. The server counts.
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
