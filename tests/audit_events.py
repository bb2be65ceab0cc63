"""Audit events for tests, added as the server adds them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django_cc.authorization_server.audit.trail import record_all
from django_cc.models import AuditEvent

REFERENCE = "7f3a9c21d0b84e6f"


def add_event(
    event: str = "client_disabled", *, age: timedelta = timedelta(0), **fields: Any
) -> AuditEvent:
    """Add an event that happened `age` ago."""
    row = AuditEvent(
        **{
            "event": event,
            "actor_kind": "command",
            "actor": "tests",
            "time": datetime.now(UTC) - age,
            **fields,
        }
    )
    record_all([row])
    return row


def add_refusal(reason: str = "wrong_secret", **fields: Any) -> AuditEvent:
    """Add a refused token request, whose answer quoted `REFERENCE`."""
    refusal = {"result": "refused", "actor_kind": "client", "reference": REFERENCE}
    return add_event("token_refused", reason=reason, **{**refusal, **fields})
