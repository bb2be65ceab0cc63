"""Tell the second of two operators who edit the same machine client."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import AuditEvent, MachineClient

VERSION_CONFLICT = "version"


def require_version(client: MachineClient, expected: int | None) -> None:
    """Return if a locked client is at the version that was read, or none is expected.

    Raises:
        ValidationError: it is at another; with the code `VERSION_CONFLICT`, and who changed it
            last and when, as far as the audit trail still knows.
    """
    if expected is None or client.version == expected:
        return
    numbers = {"name": client.name, "read": expected, "now": client.version}
    if expected > client.version:
        problem = _("“%(name)s” has no version %(read)d yet: it is at %(now)d. Look at it again.")
    else:
        problem = _(
            "“%(name)s” was changed by somebody else since you read it (version %(read)d, now "
            "%(now)d): look at it again."
        )
    text = " ".join(filter(None, [problem % numbers, _describe_last_edit(client)]))
    raise ValidationError(text, code=VERSION_CONFLICT)


def find_last_edit(client: MachineClient) -> AuditEvent | None:
    """Return the event of the last edit, as far as the audit trail still knows."""
    return AuditEvent.objects.filter(
        client_id=client.client_id, event=AuditEvent.Event.CLIENT_UPDATED
    ).first()


def find_last_token_revocation(client: MachineClient) -> AuditEvent | None:
    """Return the event that killed all tokens last, as far as the audit trail still knows."""
    return AuditEvent.objects.filter(
        client_id=client.client_id,
        event__in=(AuditEvent.Event.TOKENS_REVOKED, AuditEvent.Event.CLIENT_DISABLED),
    ).first()


def _describe_last_edit(client: MachineClient) -> str:
    event = find_last_edit(client)
    if event is None:
        return ""
    return _("Last changed by %(actor)s at %(time)s: %(detail)s.") % {
        "actor": event.actor,
        "time": write_timestamp(event.time),
        "detail": event.detail,
    }
