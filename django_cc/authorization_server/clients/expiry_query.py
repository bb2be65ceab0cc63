"""When the credentials of machine clients end, as the database tells it: for filters and lists."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.status_query import counts, is_usable, publishes_keys
from django_cc.models import ClientKey, ClientSecret, MachineClient

_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)  # later than any end that is set
_Credentials = type[ClientSecret] | type[ClientKey]


class Expiry(TextChoices):
    """How soon a client is left without a credential, the soonest first."""

    EXPIRED = "expired", _("Expired")
    WEEK = "7d", _("Within 7 days")
    MONTH = "30d", _("In 8 to 30 days")


def annotate_expiry(
    clients: "QuerySet[MachineClient]", *, now: datetime
) -> "QuerySet[MachineClient]":
    """Return the clients, each with its `Expiry` as `expiry_word`; empty for later, or for none.

    What counts is the last credential to end, as in `find_last_expiry`; expired is a client
    that no credential authenticates, where one came to its end.
    """
    week, month = (now + timedelta(days=days) for days in (7, 30))
    word = Case(
        When(~is_usable(now) & _has_ended(now), then=Value(Expiry.EXPIRED.value)),
        When(~is_usable(now), then=Value("")),
        When(~is_usable(now, beyond=week), then=Value(Expiry.WEEK.value)),
        When(~is_usable(now, beyond=month), then=Value(Expiry.MONTH.value)),
        default=Value(""),
        output_field=CharField(),
    )
    return clients.annotate(expiry_word=word)


def sort_by_last_expiry(*, now: datetime) -> Any:
    """Return an expression to sort by: those without a credential first, those of no end last."""
    by_secret = _find_last_end(ClientSecret, MachineClient.Authentication.CLIENT_SECRET, now)
    by_key = _find_last_end(ClientKey, MachineClient.Authentication.PRIVATE_KEY_JWT, now)
    end = Case(
        When(publishes_keys(now), then=Value(_NEVER)),
        default=_latest(by_secret, by_key),
        output_field=DateTimeField(),
    )
    return end.asc(nulls_first=True)


def sort_by_last_use() -> Any:
    """Return an expression to sort by: never used first, then the longest ago."""
    used = _latest(_find_last(ClientSecret, "last_used_at"), _find_last(ClientKey, "last_used_at"))
    return _latest(used, F("published_key_used_at")).asc(nulls_first=True)


def _latest(one: Any, other: Any) -> Any:
    """Return the later of two times in SQL, either of which may be missing."""
    # SQLite's greatest of anything and NULL is NULL.
    return Coalesce(Greatest(one, other), one, other)


def _has_ended(now: datetime) -> Q:
    ended: dict[str, Any] = {"client": OuterRef("pk"), "revoked_at": None, "expires_at__lte": now}
    return Q(Exists(ClientSecret.objects.filter(**ended))) | Q(
        Exists(ClientKey.objects.filter(**ended))
    )


def _find_last_end(credentials: _Credentials, family: str, now: datetime) -> Case:
    live = Q(expires_at=None) | Q(expires_at__gt=now)
    end = Coalesce("expires_at", Value(_NEVER), output_field=DateTimeField())
    return Case(
        When(counts(family, now), then=_find_last(credentials, end, live, revoked_at=None)),
        output_field=DateTimeField(),
    )


def _find_last(credentials: _Credentials, what: Any, *conditions: Q, **more: Any) -> Subquery:
    rows: Any = credentials.objects
    of_client = rows.filter(*conditions, client=OuterRef("pk"), **more).order_by()
    return Subquery(of_client.values("client").annotate(last=Max(what)).values("last"))
