"""Change the family of methods by which a client authenticates."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.status import list_credentials_of
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import AuditEvent, MachineClient

LONGEST_TRANSITION = timedelta(days=30)
_KEYS = MachineClient.Authentication.PRIVATE_KEY_JWT


def change_authentication(
    client: MachineClient,
    family: MachineClient.Authentication,
    actor: Actor,
    *,
    previous_until: datetime | None = None,
) -> bool:
    """Let a client authenticate by `family`, and by the one it had until a date.

    At that date the credentials of the previous family end, as well as the family: they are
    given that end now, so nothing has to run then, and no later change revives them. Without a
    date they are revoked at once, and the URL at which a client publishes keys is forgotten.

    Called again with the family the client has and no date, it ends a transition at once.

    Args:
        client: which one.
        family: by what it authenticates from now on; it must have a live credential of it.
        actor: who does it.
        previous_until: aware UTC, within 30 days; None to end the previous family at once.

    Returns:
        False where there was nothing to change; then nothing is recorded.

    Raises:
        ValidationError: the date is past or too late, the client has no live credential of the
            family, or it is gone; by field.
    """
    now = timezone.now()
    _require_near_future(previous_until, now)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        leaving = _find_family_to_leave(client, family, previous_until)
        if leaving is None:
            return False
        _require_credential(client, family, now)
        before = client.authentication
        client.authentication = family
        client.previous_authentication = leaving if previous_until else ""
        client.previous_authentication_until = previous_until
        url_ends = bool(leaving == _KEYS and previous_until is None and client.jwks_uri)
        client.jwks_uri = "" if url_ends else client.jwks_uri
        client.version += 1
        client.save()
        _end_credentials(client, leaving, previous_until, now)
        end = write_timestamp(previous_until) or "now"
        detail = f"{before} → {family.value}; {leaving} ends {end}"
        detail += "; jwks_uri forgotten" if url_ends else ""
        trail.record(AuditEvent.Event.AUTHENTICATION_CHANGED, actor, client=client, detail=detail)
        publish(client)
    return True


def _require_near_future(until: datetime | None, now: datetime) -> None:
    if until is not None and not now < until <= now + LONGEST_TRANSITION:
        problem = _("The previous method can be kept for at most %(days)d days.")
        raise ValidationError({"previous_until": problem % {"days": LONGEST_TRANSITION.days}})


def _find_family_to_leave(
    client: MachineClient, family: MachineClient.Authentication, until: datetime | None
) -> str | None:
    if client.authentication != family:
        return client.authentication
    if until is not None:
        raise ValidationError(
            {
                "authentication": _("The client authenticates by %(family)s already.")
                % {"family": family.value}
            }
        )
    return client.previous_authentication or None


def _require_credential(
    client: MachineClient, family: MachineClient.Authentication, now: datetime
) -> None:
    has_url = family == _KEYS and client.jwks_uri
    if not (has_url or list_credentials_of(client, family, now=now)):
        command = "cc_client_key add" if family == _KEYS else "cc_secret create"
        problem = _("The client has nothing to authenticate with that way: run %(command)s first.")
        raise ValidationError({"authentication": problem % {"command": command}})


def _end_credentials(
    client: MachineClient, family: str, until: datetime | None, now: datetime
) -> None:
    by_secret = family == MachineClient.Authentication.CLIENT_SECRET
    credentials: QuerySet[Any] = client.secrets.all() if by_secret else client.keys.all()
    live = credentials.filter(revoked_at=None)
    if until is None:
        live.update(revoked_at=now)
    else:
        live.filter(Q(expires_at=None) | Q(expires_at__gt=until)).update(expires_at=until)
