"""Sum up what all clients did, or those that somebody may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from django_cc.models import MachineClient, UsageHour

MOST_CLIENTS = 10
HOUR = timedelta(hours=1)
_ISSUED = Coalesce(Sum("count", filter=Q(outcome=UsageHour.Outcome.ISSUED)), 0)
_REFUSED = Coalesce(Sum("count", filter=Q(outcome=UsageHour.Outcome.REFUSED)), 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened from `start` (aware UTC) on, for as long as the summary was asked to sum up."""

    start: datetime
    issued: int
    refused: int


@dataclass(frozen=True, slots=True)
class ClientFigures:
    """What one client did."""

    client: MachineClient
    issued: int
    refused: int

    @property
    def refusal_rate(self) -> float:
        """The part of its requests that was refused, from 0 to 1."""
        requests = self.issued + self.refused
        return self.refused / requests if requests else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What was issued and refused in a time.

    Attributes:
        stretches: equal parts of that time, the earliest first, none left out.
        refused_by_reason: how often, the most frequent first.
        top_clients: those that got most tokens, at most ten.
    """

    stretches: Sequence[Stretch]
    refused_by_reason: dict[str, int]
    top_clients: Sequence[ClientFigures]

    @property
    def issued(self) -> int:
        """All tokens issued."""
        return sum(stretch.issued for stretch in self.stretches)

    @property
    def refused(self) -> int:
        """All requests refused."""
        return sum(stretch.refused for stretch in self.stretches)


def summarise(
    clients: "QuerySet[MachineClient] | None",
    *,
    until: datetime,
    stretch: timedelta = HOUR,
    count: int = 24,
) -> Summary:
    """Return the last `count` stretches of time up to the one that `until` (aware UTC) is in.

    In three queries, and one for the clients. What processes hold in memory is not in it yet: up
    to the flush interval, ten seconds.

    Args:
        clients: whose figures; None for all, and for what no client could be named for.
        until: the moment, aware UTC.
        stretch: whole hours.
        count: how many.
    """
    rows, first = _select(clients, until, stretch * count)
    return Summary(
        stretches=_sum_up(rows, first, stretch, count),
        refused_by_reason=_count_reasons(rows),
        top_clients=_rank(rows, clients),
    )


def list_stretches(
    clients: "QuerySet[MachineClient]", *, until: datetime, stretch: timedelta, count: int
) -> list[Stretch]:
    """Return the stretches of `summarise` alone, in one query; for a chart."""
    rows, first = _select(clients, until, stretch * count)
    return _sum_up(rows, first, stretch, count)


def _select(
    clients: "QuerySet[MachineClient] | None", until: datetime, span: timedelta
) -> "tuple[QuerySet[UsageHour], datetime]":
    last = until.replace(minute=0, second=0, microsecond=0)
    first = last - span + HOUR
    rows = UsageHour.objects.filter(hour__gte=first, hour__lte=last)
    if clients is not None:
        rows = rows.filter(client_id__in=clients.values("application__client_id"))
    return rows, first


def _sum_up(
    rows: "QuerySet[UsageHour]", first: datetime, stretch: timedelta, count: int
) -> list[Stretch]:
    issued, refused = [0] * count, [0] * count
    for row in rows.values("hour").annotate(issued=_ISSUED, refused=_REFUSED):
        number = (row["hour"] - first) // stretch
        issued[number] += row["issued"]
        refused[number] += row["refused"]
    return [
        Stretch(first + number * stretch, issued[number], refused[number])
        for number in range(count)
    ]


def _count_reasons(rows: "QuerySet[UsageHour]") -> dict[str, int]:
    refused = rows.filter(outcome=UsageHour.Outcome.REFUSED).values_list("reason")
    return dict(refused.annotate(times=Sum("count")).order_by("-times", "reason"))


def _rank(
    rows: "QuerySet[UsageHour]", clients: "QuerySet[MachineClient] | None"
) -> list[ClientFigures]:
    named = rows.exclude(client_id="").values("client_id")
    figures = named.annotate(issued=_ISSUED, refused=_REFUSED).filter(issued__gt=0)
    top = {row["client_id"]: row for row in figures.order_by("-issued", "client_id")[:MOST_CLIENTS]}
    known = MachineClient.objects.all() if clients is None else clients
    found = known.select_related("application").filter(application__client_id__in=list(top))
    by_id = {client.client_id: client for client in found}
    # A client that has been deleted since has figures and no row.
    return [
        ClientFigures(by_id[client_id], row["issued"], row["refused"])
        for client_id, row in top.items()
        if client_id in by_id
    ]
