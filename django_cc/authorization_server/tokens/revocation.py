"""Revoke single tokens."""

from datetime import datetime

from django.db import transaction

from django_cc.authorization_server import audit
from django_cc.authorization_server.audit import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, MachineClient, RevokedToken


def revoke_token(
    token_id: str,
    actor: Actor,
    *,
    expires_at: datetime,
    client: MachineClient | None = None,
    reason: str = "",
) -> bool:
    """Kill one token in every process of this project, within `PROPAGATION_SECONDS`.

    APIs that check offline accept it until it expires.

    Args:
        token_id: its `jti`.
        actor: who does it.
        expires_at: aware UTC; the token's own, or later where that is not known. Until then, and
            a minute longer, the ID is kept.
        client: whose token it is, as far as that is known.
        reason: for the audit trail.

    Returns:
        False where it was revoked already; then nothing is changed or recorded.
    """
    with transaction.atomic(using=get_database()):
        lock_revision()
        row, is_new = RevokedToken.objects.get_or_create(
            token_id=token_id, defaults={"expires_at": expires_at}
        )
        if is_new:
            audit.record(
                AuditEvent.Event.TOKEN_REVOKED,
                actor,
                client=client,
                detail=token_id,
                reason=reason,
            )
            publish(row)
    return is_new
