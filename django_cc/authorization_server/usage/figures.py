"""Read usage figures: per client, hour, API, outcome and reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate

from django_cc.models import MachineClient, UsageHour

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HourOfUsage:
    """What happened in one hour.

    Attributes:
        hour: when it began, aware UTC.
        issued: tokens issued, by API identifier.
        refused: token requests refused, by reason.
    """

    hour: datetime
    issued: dict[str, int]
    refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class DayOfUsage:
    """What happened in one day in UTC; issued by API identifier, refused by reason."""

    day: date
    issued: dict[str, int]
    refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a client did in a time.

    Attributes:
        hours: those in which anything happened, the earliest first.
        last_used_at: when a secret or key of it was used last, aware UTC; None for never.
        last_used_address: from which address.
    """

    hours: Sequence[HourOfUsage]
    last_used_at: datetime | None
    last_used_address: str | None

    @property
    def issued(self) -> int:
        """Tokens issued in all."""
        return sum(sum(hour.issued.values()) for hour in self.hours)

    @property
    def refused(self) -> int:
        """Requests refused in all."""
        return sum(sum(hour.refused.values()) for hour in self.hours)


def read_usage(client: MachineClient, *, since: datetime, until: datetime) -> Usage:
    """Return what `client` did in the hours that touch `since` up to `until` (aware UTC).

    In three queries. What processes hold in memory is not in it yet: up to the flush interval,
    ten seconds.
    """
    rows = UsageHour.objects.filter(
        client_id=client.client_id, hour__gt=since - timedelta(hours=1), hour__lt=until
    )
    last_used_at, last_used_address = _find_last_use(client)
    return Usage(
        hours=_group(rows.order_by("hour", "api", "reason")),
        last_used_at=last_used_at,
        last_used_address=last_used_address,
    )


def _find_last_use(client: MachineClient) -> tuple[datetime | None, str | None]:
    used = [
        (last.last_used_at, last.last_used_address)
        for last in (
            client.secrets.exclude(last_used_at=None).order_by("-last_used_at").first(),
            client.keys.exclude(last_used_at=None).order_by("-last_used_at").first(),
        )
        if last is not None and last.last_used_at is not None
    ]
    if client.published_key_used_at is not None:
        used.append((client.published_key_used_at, client.published_key_used_address))
    return max(used, key=lambda use: use[0], default=(None, None))


def read_days(client: MachineClient, *, since: datetime, until: datetime) -> list[DayOfUsage]:
    """Return what `client` did on the days, in UTC, from that of `since` on up to `until`.

    In one query, a row for each API and reason of a day; the earliest day first.
    """
    first = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = UsageHour.objects.filter(client_id=client.client_id, hour__gte=first, hour__lt=until)
    by_day = rows.annotate(day=TruncDate("hour", tzinfo=UTC)).values_list(
        "day", "outcome", "api", "reason"
    )
    days: dict[date, DayOfUsage] = {}
    for on, outcome, api, reason, count in by_day.annotate(Sum("count")).order_by("day"):
        day = days.setdefault(on, DayOfUsage(on, {}, {}))
        if outcome == UsageHour.Outcome.ISSUED:
            day.issued[api] = count
        else:
            day.refused[reason] = day.refused.get(reason, 0) + count
    return list(days.values())


def count_issued(client_ids: Sequence[str], *, since: datetime) -> dict[str, int]:
    """Return how many tokens each client got since that hour, in one query; for lists."""
    rows = UsageHour.objects.filter(
        client_id__in=client_ids,
        hour__gt=since - timedelta(hours=1),
        outcome=UsageHour.Outcome.ISSUED,
    )
    return dict(rows.values_list("client_id").annotate(Sum("count")))


def sum_issued(*, since: datetime) -> Coalesce:
    """Return an expression for a queryset of machine clients: tokens each got since that hour."""
    rows = UsageHour.objects.filter(
        client_id=OuterRef("application__client_id"),
        hour__gt=since - timedelta(hours=1),
        outcome=UsageHour.Outcome.ISSUED,
    )
    total = rows.order_by().values("client_id").annotate(total=Sum("count")).values("total")
    return Coalesce(Subquery(total), 0, output_field=BigIntegerField())


def count_outcomes(client: MachineClient, *, since: datetime) -> dict[str, int]:
    """Return how many requests of `client` were issued and refused since that hour."""
    rows = UsageHour.objects.filter(client_id=client.client_id, hour__gt=since - timedelta(hours=1))
    found = dict(rows.order_by().values_list("outcome").annotate(Sum("count")))
    return {outcome.value: found.get(outcome.value, 0) for outcome in UsageHour.Outcome}


def _group(rows: "QuerySet[UsageHour]") -> list[HourOfUsage]:
    hours: dict[datetime, HourOfUsage] = {}
    for row in rows:
        hour = hours.setdefault(row.hour, HourOfUsage(row.hour, {}, {}))
        if row.outcome == UsageHour.Outcome.ISSUED:
            hour.issued[row.api] = hour.issued.get(row.api, 0) + row.count
        else:
            hour.refused[row.reason] = hour.refused.get(row.reason, 0) + row.count
    return list(hours.values())
