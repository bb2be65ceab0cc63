"""Record what somebody may repeat without end, up to a cap for each actor."""

from datetime import datetime, timedelta
from typing import Final

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.models import AuditEvent, MachineClient

MOST_IN_A_MINUTE: Final = 10  # events of one kind and actor; more say nothing new

_MINUTE: Final = timedelta(minutes=1)


def is_over_cap(
    event: AuditEvent.Event,
    actor: Actor,
    *,
    result: AuditEvent.Result | None = None,
    now: datetime,
) -> bool:
    """Tell whether the trail has enough events of one kind of this actor, of the last minute.

    The trail itself is counted, so that all processes share the cap: whoever sends such requests
    in a loop fills no table. Two at the same moment may exceed it by one.

    Args:
        event: what they tell of.
        actor: who repeats it.
        result: how those ended that count; None to count all.
        now: aware UTC.
    """
    told = AuditEvent.objects.using(get_database()).filter(
        event=event, actor_kind=actor.kind, actor=actor.name, time__gt=now - _MINUTE
    )
    if result is not None:
        told = told.filter(result=result)
    return told.count() >= MOST_IN_A_MINUTE


def record_up_to_cap(
    event: AuditEvent.Event,
    actor: Actor,
    *,
    client: MachineClient | None = None,
    detail: str,
    now: datetime,
) -> bool:
    """Tell the trail that somebody tried something and got nothing, unless it has enough of it.

    Args:
        event: what was tried.
        actor: who tried.
        client: with which machine client, whether or not the actor sees it.
        detail: what of it.
        now: aware UTC.

    Returns:
        False where it is over the cap, and was not recorded.
    """
    refused = AuditEvent.Result.REFUSED
    if is_over_cap(event, actor, result=refused, now=now):
        return False
    trail.record(event, actor, client=client, detail=detail, result=refused)
    return True
