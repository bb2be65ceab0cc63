"""A machine client as commands print it: everything but its secrets."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from django_cc.authorization_server.clients.status import (
    find_last_expiry,
    find_last_use,
    get_status,
    list_usable_secrets,
)
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.usage.figures import Usage
from django_cc.models import APIAccess, MachineClient


def get_reportable_clients() -> "QuerySet[MachineClient]":
    """Return all clients, with what a report needs fetched in a fixed number of queries."""
    access = APIAccess.objects.select_related("scope__api")
    rows = MachineClient.objects.select_related(
        "application", "owner", "owning_group", "default_api"
    )
    return rows.prefetch_related("secrets", "keys", Prefetch("access", queryset=access)).order_by(
        "name"
    )


def describe_client(client: MachineClient) -> dict[str, Any]:
    """Return a client as JSON; times in ISO 8601, UTC, lifetimes in seconds."""
    now = timezone.now()
    held: dict[str, list[str]] = {}
    for access in client.access.all():
        held.setdefault(access.scope.api.identifier, []).append(access.scope.name)
    return {
        "client_id": client.client_id,
        "name": client.name,
        "description": client.description,
        "owner": client.owner.get_username() if client.owner else None,
        "owning_group": client.owning_group.name if client.owning_group else None,
        "managed_by": client.managed_by,
        "status": get_status(client, now=now).value,
        "access": {identifier: sorted(names) for identifier, names in sorted(held.items())},
        "default_api": client.default_api.identifier if client.default_api else None,
        "authentication": client.authentication,
        "previous_authentication": client.previous_authentication or None,
        "previous_authentication_until": write_timestamp(client.previous_authentication_until),
        "jwks_uri": client.jwks_uri or None,
        "accepts_endpoint_audience": client.accepts_endpoint_audience,
        "secret_expires_at": write_timestamp(find_last_expiry(client, now=now)),
        "last_used_at": write_timestamp(find_last_use(client)),
        "secrets_to_rotate": [
            str(secret) for secret in list_usable_secrets(client, now=now) if secret.must_be_rotated
        ],
        "expires_at": write_timestamp(client.expires_at),
        "token_lifetime": client.token_lifetime,
        "allowed_networks": client.allowed_networks,
        "rate": client.rate,
        "registered_at": write_timestamp(client.registered_at),
        "disabled_at": write_timestamp(client.disabled_at),
        "disabled_by": client.disabled_by,
        "disabled_reason": client.disabled_reason,
        "version": client.version,
    }


def describe_usage(usage: Usage, *, since: datetime) -> dict[str, Any]:
    """Return what a client did as JSON; times in ISO 8601, UTC."""
    return {
        "since": write_timestamp(since),
        "issued": usage.issued,
        "refused": usage.refused,
        "last_used_at": write_timestamp(usage.last_used_at),
        "last_used_address": usage.last_used_address,
        "hours": [
            {"hour": write_timestamp(hour.hour), "issued": hour.issued, "refused": hour.refused}
            for hour in usage.hours
        ],
    }
