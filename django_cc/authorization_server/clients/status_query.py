"""The status of machine clients as the database tells it: for filters and counts over all."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from django_cc.authorization_server.clients.status import EXPIRY_NOTICE, NEW_FOR, ClientStatus
from django_cc.authorization_server.settings import get_settings
from django_cc.models import ClientKey, ClientSecret, MachineClient

_SECRETS = MachineClient.Authentication.CLIENT_SECRET
_KEYS = MachineClient.Authentication.PRIVATE_KEY_JWT
_Credentials = type[ClientSecret] | type[ClientKey]


def annotate_status(
    clients: "QuerySet[MachineClient]", *, now: datetime
) -> "QuerySet[MachineClient]":
    """Return the clients, each with the word `get_status` has for it, as `status_word`.

    One definition in two languages: a test holds them together.
    """
    status = Case(
        When(disabled_at__isnull=False, then=Value(ClientStatus.DISABLED.value)),
        When(expires_at__lte=now, then=Value(ClientStatus.EXPIRED.value)),
        When(_has_nothing(), then=Value(ClientStatus.AWAITING_CREDENTIALS.value)),
        When(~_is_usable(now), then=Value(ClientStatus.NO_USABLE_CREDENTIAL.value)),
        When(
            ~_is_usable(now, beyond=now + EXPIRY_NOTICE),
            then=Value(ClientStatus.SECRET_EXPIRING.value),
        ),
        When(_publishes_keys(now), then=Value(ClientStatus.ACTIVE.value)),
        When(
            ~_was_used() & Q(registered_at__lt=now - NEW_FOR),
            then=Value(ClientStatus.NEVER_USED.value),
        ),
        When(
            _was_used() & ~_was_used(since=now - get_settings().idle_after),
            then=Value(ClientStatus.IDLE.value),
        ),
        default=Value(ClientStatus.ACTIVE.value),
        output_field=CharField(),
    )
    return clients.annotate(status_word=status)


def select_by_status(
    clients: "QuerySet[MachineClient]", status: ClientStatus, *, now: datetime
) -> "QuerySet[MachineClient]":
    """Return those of the clients that are in `status` at `now` (aware UTC)."""
    rows: Any = annotate_status(clients, now=now)
    selected: QuerySet[MachineClient] = rows.filter(status_word=status.value)
    return selected


def _has_nothing() -> Q:
    return (
        Q(jwks_uri="")
        & ~Exists(ClientSecret.objects.filter(client=OuterRef("pk")))
        & ~Exists(ClientKey.objects.filter(client=OuterRef("pk")))
    )


def _is_usable(now: datetime, *, beyond: datetime | None = None) -> Q:
    by_secret = _counts(_SECRETS, now) & _has_live(ClientSecret, beyond or now)
    by_key = _counts(_KEYS, now) & _has_live(ClientKey, beyond or now)
    usable: Q = by_secret | by_key | _publishes_keys(now)
    return usable


def _publishes_keys(now: datetime) -> Q:
    # Of a key that is published by URL no use is noted.
    return _counts(_KEYS, now) & ~Q(jwks_uri="")


def _counts(family: str, now: datetime) -> Q:
    return Q(authentication=family) | Q(
        previous_authentication=family, previous_authentication_until__gt=now
    )


def _has_live(credentials: _Credentials, at: datetime) -> Any:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=at)
    rows: Any = credentials.objects
    return Q(Exists(rows.filter(unexpired, client=OuterRef("pk"), revoked_at=None)))


def _was_used(*, since: datetime | None = None) -> Q:
    used: dict[str, Any] = (
        {"last_used_at__gte": since} if since else {"last_used_at__isnull": False}
    )
    return Q(Exists(ClientSecret.objects.filter(client=OuterRef("pk"), **used))) | Q(
        Exists(ClientKey.objects.filter(client=OuterRef("pk"), **used))
    )
