"""Record what was denied to somebody who had no right to it, up to a cap for each actor."""

from datetime import datetime, timedelta
from typing import Final

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.models import AuditEvent, MachineClient

MOST_IN_A_MINUTE: Final = 10  # denials of one actor that are told; more say nothing new

_MINUTE: Final = timedelta(minutes=1)


def record_denial(
    actor: Actor, action: str, *, client: MachineClient | None = None, now: datetime
) -> bool:
    """Tell the trail that somebody tried what no page had offered to them.

    The trail itself is counted, so that all processes share the cap: whoever sends such requests
    in a loop fills no table. Two at the same moment may exceed it by one.

    Args:
        actor: who tried.
        action: what.
        client: with which machine client, whether or not the actor sees it.
        now: aware UTC.

    Returns:
        False where it is over the cap, and was not recorded.
    """
    denied = AuditEvent.objects.using(get_database()).filter(
        event=AuditEvent.Event.ACTION_DENIED,
        actor_kind=actor.kind,
        actor=actor.name,
        time__gt=now - _MINUTE,
    )
    if denied.count() >= MOST_IN_A_MINUTE:
        return False
    trail.record(
        AuditEvent.Event.ACTION_DENIED,
        actor,
        client=client,
        detail=action,
        result=AuditEvent.Result.REFUSED,
    )
    return True
