"""Record who did what."""

from dataclasses import dataclass
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser

from django_cc.models import AuditEvent, MachineClient

_MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a user of the console or whoever runs a command."""

    kind: AuditEvent.ActorKind
    name: str
    user: AbstractBaseUser | None = None
    address: str | None = None

    @classmethod
    def for_user(cls, user: AbstractBaseUser, *, address: str | None) -> Self:
        """Return the actor behind a console request; `address` is the client's IP address."""
        return cls(AuditEvent.ActorKind.USER, user.get_username(), user, address)

    @classmethod
    def for_command(cls, command: str) -> Self:
        """Return the actor behind a management command."""
        return cls(AuditEvent.ActorKind.COMMAND, command)


def record(
    event: AuditEvent.Event,
    actor: Actor,
    *,
    client: MachineClient | None = None,
    detail: str = "",
) -> None:
    """Add an event to the trail, in the transaction of the change it tells of.

    `detail` never holds a secret; it is cut at 255 characters.
    """
    AuditEvent.objects.create(
        event=event,
        actor_kind=actor.kind,
        actor=actor.name[:_MAX_TEXT],
        client_id=client.client_id if client else "",
        client_name=client.name if client else "",
        detail=detail[:_MAX_TEXT],
        address=actor.address,
    )
