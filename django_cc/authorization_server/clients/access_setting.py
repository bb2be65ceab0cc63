"""Bring a machine client's API access to what somebody chose, in one step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.apis.scope_choice import list_grantable_scopes
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.versions import VERSION_CONFLICT
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import API, AuditEvent, MachineClient, Scope


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What a choice gives and takes, by name."""

    given: Sequence[Scope]
    taken: Sequence[Scope]

    @property
    def is_none(self) -> bool:
        """Whether the client holds just what was chosen."""
        return not (self.given or self.taken)


def list_held_scopes(client: MachineClient) -> list[Scope]:
    """Return the scopes that were given to a client, and can be taken."""
    return list(list_grantable_scopes().filter(access__client=client).order_by("name", "pk"))


def compare_access(client: MachineClient, scopes: Sequence[Scope]) -> AccessChange:
    """Return what it would take for `client` to hold just `scopes`; nothing is changed."""
    held = list_held_scopes(client)
    before, after = {scope.pk for scope in held}, {scope.pk for scope in scopes}
    return AccessChange(
        given=sorted((one for one in scopes if one.pk not in before), key=lambda one: one.name),
        taken=[one for one in held if one.pk not in after],
    )


def set_access(
    client: MachineClient,
    scopes: Sequence[Scope],
    default_api: API | None,
    actor: Actor,
    *,
    seen: Collection[int],
) -> AccessChange:
    """Let a client hold just `scopes`, and mean `default_api` where it names none.

    All or nothing. Where anything is taken, every token of the client dies (decision 13).

    Args:
        client: which one.
        scopes: all that it shall hold, apart from what every client holds.
        default_api: one at which it then holds a scope, or None.
        actor: who does it.
        seen: the keys of the scopes it held when somebody looked and chose.

    Returns:
        What was given and taken.

    Raises:
        ValidationError: it holds others by now, with the code of a conflict; a scope is gone or
            restricted; the default API offers none of the scopes; or the client is gone.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        _require_unchanged(client, seen)
        change = compare_access(client, scopes)
        grant_access(client, change.given, actor)
        if change.taken:
            revoke_access(client, change.taken, actor)
        update_client(client, Changes(default_api=default_api), actor)
    return change


def _require_unchanged(client: MachineClient, seen: Collection[int]) -> None:
    if {scope.pk for scope in list_held_scopes(client)} == set(seen):
        return
    events = (AuditEvent.Event.ACCESS_GRANTED, AuditEvent.Event.ACCESS_REVOKED)
    last = AuditEvent.objects.filter(client_id=client.client_id, event__in=events).first()
    if last is None:
        problem = _("Changed while you were editing. Nothing was saved.")
        raise ValidationError(problem, code=VERSION_CONFLICT)
    problem = _("Changed by %(actor)s at %(time)s while you were editing. Nothing was saved.")
    told = {"actor": last.actor, "time": write_timestamp(last.time)}
    raise ValidationError(problem % told, code=VERSION_CONFLICT)
