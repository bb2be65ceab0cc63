"""Replace the secret that was shown at a registration and lost right after."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.clients.secrets import (
    NewSecret,
    announce_rotation,
    issue_secret,
)
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, MachineClient

REPLACEABLE_FOR = timedelta(minutes=15)


def is_replaceable_by(client: MachineClient, actor: Actor) -> bool:
    """Tell whether `actor` just registered `client` and may have its first secret replaced.

    One that is used was not lost; that is known as soon as its use is written down.
    """
    is_registrant = actor.user is not None and actor.user.pk == client.registered_by_id
    is_recent = timezone.now() - client.registered_at <= REPLACEABLE_FOR
    secrets = list(client.secrets.all())
    is_first = len(secrets) == 1 and secrets[0].is_live(timezone.now())
    return is_registrant and is_recent and is_first and secrets[0].last_used_at is None


def replace_lost_secret(client: MachineClient, actor: Actor) -> NewSecret:
    """Replace the secret that was shown once and lost: a new one, and the old revoked at once.

    For the registrant alone, once, within `REPLACEABLE_FOR` of the registration.

    Raises:
        ValidationError: somebody else asks, it is too late, it was replaced or used before, or
            the client is disabled.
    """
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        if not client.is_enabled or not is_replaceable_by(client, actor):
            raise ValidationError(
                _(
                    "Only who registered this client can replace its secret here, once, within "
                    "%(minutes)d minutes, and while it was never used."
                )
                % {"minutes": REPLACEABLE_FOR.total_seconds() // 60}
            )
        old = client.secrets.get()  # it is the first, so there is one
        old.revoked_at = timezone.now()
        old.save(update_fields=["revoked_at"])
        new = issue_secret(client, actor, expires_at=old.expires_at)
        trail.record(AuditEvent.Event.SECRET_REPLACED, actor, client=client)
        publish(client)
        announce_rotation(new, old, actor)
    return new
