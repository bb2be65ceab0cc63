"""Disable and enable many machine clients at once, and kill their tokens: all or none."""

from collections.abc import Sequence

from django.db import transaction

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.authorization_server.database import get_database
from django_cc.models import MachineClient


def disable_clients(clients: Sequence[MachineClient], actor: Actor, *, reason: str = "") -> int:
    """Disable each client, as `disable_client` does; return how many were enabled.

    Raises:
        ValidationError: the reason cannot be stored, or a client is gone; then none is disabled.
    """
    with transaction.atomic(using=get_database()):
        return sum([disable_client(client, actor, reason=reason) for client in clients])


def enable_clients(clients: Sequence[MachineClient], actor: Actor) -> int:
    """Enable each client, as `enable_client` does; return how many were disabled.

    Raises:
        ValidationError: a client is gone; then none is enabled.
    """
    with transaction.atomic(using=get_database()):
        return sum([enable_client(client, actor) for client in clients])


def revoke_tokens_of(clients: Sequence[MachineClient], actor: Actor, *, reason: str = "") -> int:
    """Kill every token of each client, as `revoke_tokens` does; return how many clients.

    Raises:
        ValidationError: the reason cannot be stored, or a client is gone; then none is killed.
    """
    with transaction.atomic(using=get_database()):
        for client in clients:
            revoke_tokens(client, actor, reason=reason)
    return len(clients)
