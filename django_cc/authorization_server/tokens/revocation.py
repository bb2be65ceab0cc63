"""Revoke single tokens."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_reason
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, MachineClient, RevokedToken

_TOKEN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_token_id(text: str) -> bool:
    """Tell whether `text` may be the ID of a token that this server made."""
    return _TOKEN_ID.fullmatch(text) is not None


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

    Raises:
        ValidationError: the ID is none of ours, perhaps a whole token, or the reason cannot be
            kept.
    """
    if not is_token_id(token_id):
        problem = _("Give the token's ID, its claim jti: at most 64 letters, digits, “-” and “_”.")
        raise ValidationError({"token_id": problem})
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        lock_revision()
        row, is_new = RevokedToken.objects.get_or_create(
            token_id=token_id, defaults={"expires_at": expires_at}
        )
        if is_new:
            trail.record(
                AuditEvent.Event.TOKEN_REVOKED,
                actor,
                client=client,
                detail=token_id,
                reason=reason,
            )
            publish(row)
    return is_new
