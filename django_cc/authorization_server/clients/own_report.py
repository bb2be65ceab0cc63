"""What a client is told of itself: everything but its secrets and their digests."""

from datetime import datetime, timedelta
from typing import Any

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.usage.figures import (
    DayOfUsage,
    HourOfUsage,
    read_days,
    read_usage,
)
from django_cc.models import APIAccess, ClientKey, ClientSecret, MachineClient
from django_cc.protocol.errors import InvalidToken, RefusalReason

_HOURS = timedelta(hours=24)
_DAYS = timedelta(days=30)


def describe_own_client(client_id: str, *, now: datetime) -> dict[str, Any]:
    """Return the registration of a client and its usage as JSON; times in ISO 8601, UTC.

    In a fixed number of queries.

    Raises:
        InvalidToken: it has been deleted since its token was verified.
    """
    rows = MachineClient.objects.select_related("application", "default_api")
    client = rows.filter(application__client_id=client_id).first()
    if client is None:
        raise InvalidToken(reason=RefusalReason.UNKNOWN_CLIENT)
    secrets = [one for one in client.secrets.order_by("pk") if one.is_live(now)]
    keys = [one for one in client.keys.order_by("pk") if one.is_live(now)]
    lifetime = client.token_lifetime or int(get_settings().token_lifetime.total_seconds())
    ends = [client.expires_at, *(one.expires_at for one in secrets)]
    ends += [one.expires_at for one in keys]
    return {
        "client_id": client.client_id,
        "name": client.name,
        "description": client.description,
        "registered_at": write_timestamp(client.registered_at),
        "expires_at": write_timestamp(client.expires_at),
        "access": _describe_access(client),
        "default_api": client.default_api.identifier if client.default_api else None,
        "token_lifetime": lifetime,  # seconds
        "authentication": client.authentication,
        "secrets": [_describe_secret(secret) for secret in secrets],
        "keys": [_describe_key(key) for key in keys],
        "jwks_uri": client.jwks_uri or None,
        "next_expiry": write_timestamp(min((end for end in ends if end), default=None)),
        "usage": _describe_usage(client, now=now),
    }


def _describe_access(client: MachineClient) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    rows = APIAccess.objects.filter(client=client).order_by("scope__api__identifier", "scope__name")
    for identifier, scope in rows.values_list("scope__api__identifier", "scope__name"):
        held.setdefault(identifier, []).append(scope)
    return held


def _describe_secret(secret: ClientSecret) -> dict[str, str | None]:
    return {"visible": str(secret), **_describe_life(secret)}


def _describe_key(key: ClientKey) -> dict[str, str | None]:
    return {"kid": key.kid, "algorithm": key.algorithm, **_describe_life(key)}


def _describe_life(credential: ClientSecret | ClientKey) -> dict[str, str | None]:
    return {
        "created_at": write_timestamp(credential.created_at),
        "expires_at": write_timestamp(credential.expires_at),
        "last_used_at": write_timestamp(credential.last_used_at),
    }


def _describe_usage(client: MachineClient, *, now: datetime) -> dict[str, list[dict[str, Any]]]:
    hours = read_usage(client, since=now - _HOURS, until=now).hours
    days = read_days(client, since=now - _DAYS, until=now)
    return {
        "hours": [{"hour": write_timestamp(hour.hour), **_count(hour)} for hour in hours],
        "days": [{"day": day.day.isoformat(), **_count(day)} for day in days],
    }


def _count(figures: HourOfUsage | DayOfUsage) -> dict[str, dict[str, int]]:
    return {"issued": figures.issued, "refused": figures.refused}
