"""The status of machine clients as the database tells it: for filters and counts over all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Exists,
    Field,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

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
    words = _tell_status(now, {status: status.value for status in ClientStatus}, CharField())
    return clients.annotate(status_word=words)


def rank_status(*, now: datetime) -> Case:
    """Return an expression to sort by: the place of a client's status, the most pressing first."""
    ranks = {status: rank for rank, status in enumerate(ClientStatus)}
    return _tell_status(now, ranks, IntegerField())


def select_by_status(
    clients: "QuerySet[MachineClient]", status: ClientStatus, *, now: datetime
) -> "QuerySet[MachineClient]":
    """Return those of the clients that are in `status` at `now` (aware UTC)."""
    rows: Any = annotate_status(clients, now=now)
    selected: QuerySet[MachineClient] = rows.filter(status_word=status.value)
    return selected


def _tell_status(
    now: datetime, names: Mapping[ClientStatus, object], kind: "Field[Any, Any]"
) -> Case:
    status = ClientStatus
    first = {
        status.DISABLED: Q(disabled_at__isnull=False),
        status.EXPIRED: Q(expires_at__lte=now),
        status.AWAITING_CREDENTIALS: _has_nothing(),
        status.NO_USABLE_CREDENTIAL: ~is_usable(now),
        status.SECRET_EXPIRING: ~is_usable(now, beyond=now + EXPIRY_NOTICE),
    }
    whens = [When(condition, then=Value(names[one])) for one, condition in first.items()]
    return Case(
        *whens,
        When(
            ~_was_used() & Q(registered_at__lt=now - NEW_FOR),
            then=Value(names[status.NEVER_USED]),
        ),
        When(
            _was_used() & ~_was_used(since=now - get_settings().idle_after),
            then=Value(names[status.IDLE]),
        ),
        default=Value(names[status.ACTIVE]),
        output_field=kind,
    )


def is_usable(now: datetime, *, beyond: datetime | None = None) -> Q:
    """Return the condition that a client has a credential that counts and lives on `beyond`.

    Both are aware UTC; without `beyond`, that it lives at `now`.
    """
    by_secret = counts(_SECRETS, now) & _has_live(ClientSecret, beyond or now)
    by_key = counts(_KEYS, now) & _has_live(ClientKey, beyond or now)
    usable: Q = by_secret | by_key | publishes_keys(now)
    return usable


def publishes_keys(now: datetime) -> Q:
    """Return the condition that a client may authenticate by keys that it publishes by URL."""
    return counts(_KEYS, now) & ~Q(jwks_uri="")


def counts(family: str, now: datetime) -> Q:
    """Return the condition that credentials of the family authenticate a client at `now`."""
    return Q(authentication=family) | Q(
        previous_authentication=family, previous_authentication_until__gt=now
    )


def _has_nothing() -> Q:
    return (
        Q(jwks_uri="")
        & ~Exists(ClientSecret.objects.filter(client=OuterRef("pk")))
        & ~Exists(ClientKey.objects.filter(client=OuterRef("pk")))
    )


def _has_live(credentials: _Credentials, at: datetime) -> Any:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=at)
    rows: Any = credentials.objects
    return Q(Exists(rows.filter(unexpired, client=OuterRef("pk"), revoked_at=None)))


def _was_used(*, since: datetime | None = None) -> Q:
    lookup, value = ("gte", since) if since else ("isnull", False)
    used: dict[str, Any] = {"client": OuterRef("pk"), f"last_used_at__{lookup}": value}
    return (
        Q(Exists(ClientSecret.objects.filter(**used)))
        | Q(Exists(ClientKey.objects.filter(**used)))
        | Q(**{f"published_key_used_at__{lookup}": value})
    )
