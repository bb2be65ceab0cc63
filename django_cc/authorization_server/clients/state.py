"""Disable and enable machine clients, and kill their tokens."""

from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import lock_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_reason
from django_cc.authorization_server.signals import announce, client_disabled
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, MachineClient


def disable_client(client: MachineClient, actor: Actor, *, reason: str = "") -> bool:
    """Stop a client: it gets no token, and those it has die with their generation.

    In every process of this project and at introspection within `PROPAGATION_SECONDS`; APIs
    that check offline learn it when the token expires. Enabling revives no token.

    Args:
        client: which one.
        actor: who does it.
        reason: at most 255 printable characters, for the audit trail.

    Returns:
        False where it was disabled already; then nothing is changed or recorded.

    Raises:
        ValidationError: the reason cannot be stored.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        if not client.is_enabled:
            return False
        client.disabled_at = timezone.now()
        client.disabled_by = actor.name
        client.disabled_reason = reason
        client.generation += 1
        client.save()
        trail.record(AuditEvent.Event.CLIENT_DISABLED, actor, client=client, reason=reason)
        publish(client)
        announce(client_disabled, MachineClient, client=client, actor=actor, reason=reason)
    return True


def revoke_tokens(client: MachineClient, actor: Actor, *, reason: str = "") -> None:
    """Kill every token the client has; it may get new ones at once (decision 13).

    In every process of this project and at introspection within `PROPAGATION_SECONDS`; APIs
    that check offline learn it when the token expires.

    Raises:
        ValidationError: the reason cannot be stored, or the client is gone.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        client.generation += 1
        client.save(update_fields=["generation"])
        trail.record(AuditEvent.Event.TOKENS_REVOKED, actor, client=client, reason=reason)
        publish(client)


def enable_client(client: MachineClient, actor: Actor, *, reason: str = "") -> bool:
    """Let a disabled client get tokens again; its earlier tokens stay dead.

    Returns:
        False where it was enabled already; then nothing is changed or recorded.

    Raises:
        ValidationError: the reason cannot be stored.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        client = lock_client(client)
        if client.is_enabled:
            return False
        client.disabled_at, client.disabled_by, client.disabled_reason = None, "", ""
        client.save()
        trail.record(AuditEvent.Event.CLIENT_ENABLED, actor, client=client, reason=reason)
        publish(client)
    return True
