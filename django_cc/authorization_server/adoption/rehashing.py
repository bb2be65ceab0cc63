"""Keep a random secret under our own digest, once it has shown itself."""

import logging
from dataclasses import replace
from datetime import datetime

from django.db import Error as DriverError
from django.db import transaction

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.secret_format import get_visible_ends
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, ClientSecret, MachineClient
from django_cc.protocol.client import StoredSecret
from django_cc.protocol.client_authentication.client_secret import digest_secret
from django_cc.protocol.secret_text import SecretText

logger = logging.getLogger(__name__)


def rehash(
    old: StoredSecret, secret: SecretText, client_id: str, *, address: str | None, now: datetime
) -> StoredSecret:
    """Put our digest in the place of an old hash that `secret` has just matched.

    In the same row, with this use noted; every process learns of it as of any change. Where it
    cannot be written the old hash stays and does its work: no request fails for it.

    Args:
        old: as it is kept.
        secret: what matched; so random that a fast digest is right for it.
        client_id: whose it is.
        address: where the request comes from, if that can be told.
        now: aware UTC.

    Returns:
        The secret as it is kept now.
    """
    new = replace(old, digest=digest_secret(secret))
    start, end = get_visible_ends(secret)
    values = {
        "digest": new.digest,
        "visible_start": start,
        "visible_end": end,
        "last_used_at": now,
        "last_used_address": address,
    }
    try:
        with transaction.atomic(using=get_database()):
            lock_revision()
            # None where another process was faster, or somebody has just revoked it.
            rows = ClientSecret.objects.filter(digest=old.digest, revoked_at=None)
            if rows.update(**values):
                detail = f"{start}…{end} re-hashed at its first use"
                _publish(Actor.for_client(client_id, address=address), client_id, detail)
    except DriverError as error:
        # The type alone: the text of an error of the database may quote the row.
        logger.warning(
            "An old hash of client %s could not be replaced: %s.", client_id, type(error).__name__
        )
        return old
    return new


def _publish(actor: Actor, client_id: str, detail: str) -> None:
    rows = MachineClient.objects.select_related("application")
    client = rows.get(application__client_id=client_id)
    trail.record(AuditEvent.Event.SECRET_UPDATED, actor, client=client, detail=detail)
    publish(client)
