"""What a pasted text can turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.protocol.errors import RefusalReason


class Kind(StrEnum):
    """What a text looks like."""

    SECRET = "client secret"  # noqa: S105 - what it is called
    TOKEN = "access token"  # noqa: S105 - what it is called
    REFERENCE = "reference"
    UNKNOWN = "unknown"


class SecretState(StrEnum):
    """How a secret is doing."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A client secret that belongs to somebody, named by its visible ends alone.

    Attributes:
        secret: the first in the text that does.
        state: how it is doing.
        count: how many different ones there are in the text, whoever's.
    """

    secret: ClientSecret
    state: SecretState
    count: int = 1

    @property
    def client(self) -> MachineClient:
        """Whose it is."""
        return self.secret.client


@dataclass(frozen=True, slots=True)
class FoundToken:
    """An access token whose signature is this server's.

    Attributes:
        client: whose it is; None where that has been deleted.
        api_name: what people call the API that it is for; its identifier where none has it.
        claims: its payload.
        obstacle: why it lets nobody in any more, or None while it lives.
    """

    client: MachineClient | None
    api_name: str
    claims: Mapping[str, Any]
    obstacle: RefusalReason | None

    @property
    def token_id(self) -> str:
        """Its `jti`."""
        return str(self.claims["jti"])


@dataclass(frozen=True, slots=True)
class FoundDiscarded:
    """An access token that a signing key of this server signed which has been discarded.

    Attributes:
        client: whose it is, as it says; None where that has been deleted.
        kid: the ID of the key.
        discarded_at: since when the token is refused; aware UTC.
    """

    client: MachineClient | None
    kid: str
    discarded_at: datetime


@dataclass(frozen=True, slots=True)
class FoundRefusal:
    """A refused token request, found by the reference that its answer quoted.

    Attributes:
        event: what the audit trail has of it.
        client: whose request it was, as far as that was known and the client is still there.
        explanation: why it was refused, in words.
    """

    event: AuditEvent
    client: MachineClient | None
    explanation: str


@dataclass(frozen=True, slots=True)
class NothingFound:
    """Nobody's, or somebody's whom the one who asks may not see: the answer is the same.

    Attributes:
        kind: what it looks like.
        is_nobodys: whether the one who asks sees every client, so that it is nobody's.
        may_be_hashed: whether there are secrets that the toolkit hashed, which no text can find.
    """

    kind: Kind
    is_nobodys: bool = False
    may_be_hashed: bool = False


Finding: TypeAlias = FoundSecret | FoundToken | FoundDiscarded | FoundRefusal | NothingFound
