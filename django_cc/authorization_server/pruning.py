"""Remove what is too old to be of use, in small batches."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor, record_pruning, select_events_before
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.models import ClientKey, ClientSecret, RevokedToken, UsageHour, UsedAssertion

# The largest leeway a resource server may be given: until then a token could still be accepted.
_LARGEST_LEEWAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Prunable:
    """One kind of rows that become useless with age.

    Attributes:
        name: what people and programs call it.
        kept_for: how long a row is kept after it became old.
        select: the rows that became old before a time.
        order: an indexed field by which batches are taken.
        record: tells the audit trail how many rows from before a time are gone, where it must.
    """

    name: str
    kept_for: Callable[[], timedelta]
    select: Callable[[datetime], QuerySet[Any]]
    order: str
    record: Callable[[int, datetime, Actor], None] | None = None

    def find_cutoff(self, now: datetime) -> datetime:
        """Return the time before which rows are too old at `now` (aware UTC)."""
        return now - self.kept_for()


def _select_dead_secrets(before: datetime) -> QuerySet[Any]:
    # Those that expired and were never revoked are in the snapshots of all processes, to tell an
    # expired secret from a wrong one in the log. Removing them changes nothing on the wire, so
    # no revision is used up: a process forgets them when it next reads the client.
    dead = Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    return ClientSecret.objects.using(get_database()).filter(dead)


def _select_dead_keys(before: datetime) -> QuerySet[Any]:
    dead = Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    return ClientKey.objects.using(get_database()).filter(dead)


PRUNABLES: Sequence[Prunable] = (
    Prunable(
        name="revoked_tokens",
        kept_for=lambda: _LARGEST_LEEWAY,
        select=lambda before: RevokedToken.objects.using(get_database()).filter(
            expires_at__lt=before
        ),
        order="expires_at",
    ),
    Prunable(
        name="used_assertions",
        kept_for=timedelta,  # the leeway is in the row's end already
        select=lambda before: UsedAssertion.objects.using(get_database()).filter(
            expires_at__lt=before
        ),
        order="expires_at",
    ),
    Prunable(
        name="client_secrets",
        kept_for=lambda: get_settings().past_secrets_kept,
        select=_select_dead_secrets,
        order="pk",
    ),
    Prunable(
        name="client_keys",
        kept_for=lambda: get_settings().past_secrets_kept,
        select=_select_dead_keys,
        order="pk",
    ),
    Prunable(
        name="usage_hours",
        kept_for=lambda: get_settings().usage_kept_for,
        select=lambda before: UsageHour.objects.using(get_database()).filter(hour__lt=before),
        order="hour",
    ),
    Prunable(
        name="audit_events",
        kept_for=lambda: get_settings().audit_kept_for,
        select=select_events_before,
        order="time",
        record=record_pruning,
    ),
)


def count_prunable(*, now: datetime | None = None) -> dict[str, int]:
    """Return how many rows `prune()` would remove, by the name of the prunable."""
    now = now or timezone.now()
    return {one.name: one.select(one.find_cutoff(now)).count() for one in PRUNABLES}


def prune(
    actor: Actor,
    *,
    batch_size: int,
    go_on: Callable[[str, int], bool] = lambda _name, _count: True,
    now: datetime | None = None,
) -> dict[str, int]:
    """Remove every row that is too old, in batches that each are a transaction of their own.

    It may be stopped after any batch, and run several times at once or again: whatever is left
    goes the next time. Removed audit events are themselves recorded, once for each run.

    Args:
        actor: who does it.
        batch_size: the most rows that are removed, and locked, at a time.
        go_on: called after each batch with the name and the rows removed of it so far; stops the
            run by returning False.
        now: the time to judge age by (aware UTC); by default the present.

    Returns:
        How many rows were removed, by the name of the prunable; of those that were not reached,
        nothing.
    """
    now = now or timezone.now()
    removed: dict[str, int] = {}

    def note(name: str, count: int) -> bool:
        removed[name] = count
        return go_on(name, count)

    for one in PRUNABLES:
        if not _prune_one(one, one.find_cutoff(now), actor, batch_size, note):
            break
    return removed


def _prune_one(
    one: Prunable,
    cutoff: datetime,
    actor: Actor,
    batch_size: int,
    note: Callable[[str, int], bool],
) -> bool:
    """Remove one kind of rows; return False if `note` said to stop."""
    removed, going_on, rows = 0, True, one.select(cutoff)
    try:
        while going_on:
            taken, reached, count = _remove_batch(rows, one.order, batch_size)
            removed += count
            going_on = note(one.name, removed)
            if taken < batch_size:
                break
            # Start where this batch ended: what it left behind in the index is not read again.
            if reached is not None:
                rows = one.select(cutoff).filter(**{f"{one.order}__gte": reached})
    finally:
        if removed and one.record is not None:
            one.record(removed, cutoff, actor)
    return going_on


def _remove_batch(rows: QuerySet[Any], order: str, size: int) -> tuple[int, Any, int]:
    """Return how many rows were found, the `order` of the last of them, and how many are gone."""
    database = get_database()
    # Whoever prunes at the same time takes other rows. SQLite knows no such lock and must not
    # read before it writes in a transaction: there, each of the statements is by itself.
    locks = connections[database].features.has_select_for_update_skip_locked
    batch = rows.order_by(order).values_list("pk", flat=True)
    with transaction.atomic(using=database) if locks else nullcontext():
        keys = list((batch.select_for_update(skip_locked=True) if locks else batch)[:size])
        if not keys:
            return 0, None, 0
        # Of the last row alone: reading the times of all takes longer than deleting them.
        reached = rows.filter(pk=keys[-1]).values_list(order, flat=True).first()
        return len(keys), reached, _delete(rows.model, keys, database)


def _delete(model: type[Model], keys: list[Any], database: str) -> int:
    # Nothing refers to these rows, so they need not be read to be deleted. A plain QuerySet:
    # the manager of the audit trail refuses.
    rows: Any = QuerySet(model).using(database).filter(pk__in=keys)
    return int(rows._raw_delete(database))
