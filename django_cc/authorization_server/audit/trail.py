"""Record who did what, and tell whoever listens.

Every event is a row that nobody changes, one record of the logger `django_cc.audit` with the
same fields, and one call of `AUDIT_SINK` where that is set. Log and sink hear of it on commit.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils.module_loading import import_string

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.typed_secrets import cut_out_secrets
from django_cc.models import AuditEvent, MachineClient

logger = logging.getLogger("django_cc.audit")

_MAX_TEXT = 255
_TEXTS = ("actor", "client_name", "reason", "detail")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a user of the console, whoever runs a command, or a machine client."""

    kind: AuditEvent.ActorKind
    name: str
    user: AbstractBaseUser | None = None
    address: str | None = None

    @classmethod
    def for_user(cls, user: AbstractBaseUser, *, address: str | None) -> Self:
        """Return the actor behind a console request; `address` is the client's IP address."""
        return cls(AuditEvent.ActorKind.USER, _one_line(user.get_username()), user, address)

    @classmethod
    def for_client(cls, client_id: str, *, address: str | None) -> Self:
        """Return a machine client that has authenticated; `address` is where it called from."""
        return cls(AuditEvent.ActorKind.CLIENT, _one_line(client_id), address=address)

    @classmethod
    def for_command(cls, command: str) -> Self:
        """Return the actor behind a management command."""
        return cls(AuditEvent.ActorKind.COMMAND, _one_line(command))


def _one_line(text: str) -> str:
    # A line break would forge a second line of the log, and a control character its colours.
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return cut_out_secrets(printable)[:_MAX_TEXT]


def record(
    event: AuditEvent.Event,
    actor: Actor,
    *,
    client: MachineClient | None = None,
    detail: str = "",
    reason: str = "",
    result: AuditEvent.Result = AuditEvent.Result.DONE,
) -> None:
    """Add an event to the trail, in the transaction of the change it tells of.

    Args:
        event: what was done.
        actor: who did it.
        client: to which machine client; its name and client ID are copied.
        detail: to what of it; never a secret; cut at 255 characters.
        reason: why, in the actor's words; likewise.
        result: how it ended.
    """
    row = make_event(event, actor, client=client, detail=detail, reason=reason, result=result)
    record_all([row])


def make_event(
    event: AuditEvent.Event,
    actor: Actor,
    *,
    client: MachineClient | None = None,
    detail: str = "",
    reason: str = "",
    result: AuditEvent.Result = AuditEvent.Result.DONE,
) -> AuditEvent:
    """Return an event for `record_all`; the arguments are those of `record`."""
    return AuditEvent(
        event=event,
        actor_kind=actor.kind,
        actor=actor.name,
        client_id=client.client_id if client else "",
        client_name=client.name if client else "",
        detail=_one_line(detail),
        reason=_one_line(reason),
        result=result,
        address=actor.address,
    )


def record_all(rows: Sequence[AuditEvent]) -> None:
    """Add events that are ready to the trail, with one statement; no client secret with them."""
    for row in rows:
        for text in _TEXTS:
            setattr(row, text, cut_out_secrets(getattr(row, text)))
    AuditEvent.objects.using(get_database()).bulk_create(rows)
    transaction.on_commit(partial(_tell, rows), using=get_database())


def describe(event: AuditEvent) -> dict[str, str | None]:
    """Return an event as log records, `AUDIT_SINK` and exports have it; times in ISO 8601, UTC."""
    return {
        "time": write_timestamp(event.time),
        "event": event.event,
        "result": event.result,
        "actor_kind": event.actor_kind,
        "actor": event.actor,
        "client_id": event.client_id,
        "client_name": event.client_name,
        "reason": event.reason,
        "detail": event.detail,
        "address": event.address,
        "reference": event.reference,
    }


def select_events_before(time: datetime) -> "models.QuerySet[AuditEvent]":
    """Return the events before `time` (aware UTC) as rows that can be deleted, for pruning alone.

    The one place that goes past the manager of the trail, which refuses to delete.
    """
    return models.QuerySet(AuditEvent).using(get_database()).filter(time__lt=time)


def record_pruning(count: int, before: datetime, actor: Actor) -> None:
    """Record that `count` events from before `before` (aware UTC) were removed from the trail."""
    detail = f"{count} from before {write_timestamp(before)}"
    record(AuditEvent.Event.AUDIT_PRUNED, actor, detail=detail)


def _tell(rows: Sequence[AuditEvent]) -> None:
    for row in rows:
        fields = describe(row)
        client = f"client {row.client_id}, " if row.client_id else ""
        logger.info(
            "%s by %s (%s%s)",
            row.event,
            row.actor or row.actor_kind,
            client,
            row.detail or row.reason or "no detail",
            extra={"audit": fields},
        )
        try:
            _call_sink(fields)
        except Exception:  # whatever a project's hook raises: the event is in the trail
            logger.exception("AUDIT_SINK failed.")


def _call_sink(fields: dict[str, str | None]) -> None:
    path = get_settings().audit_sink
    if path is not None:
        sink: Callable[[dict[str, str | None]], object] = import_string(path)
        sink(fields)
