"""What is too old goes in small batches; everything else stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.pruning import count_prunable, prune
from django_cc.models import AuditEvent, ClientSecret, RevokedToken, UsageHour
from tests.audit_events import add_event
from tests.machines import ACTOR, Machine, TokenEndpoint

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def add_tokens(*ages: timedelta) -> None:
    """Add revoked tokens that expired so long ago."""
    start = RevokedToken.objects.count()
    RevokedToken.objects.bulk_create(
        RevokedToken(token_id=f"token {number}", expires_at=NOW - age)
        for number, age in enumerate(ages, start=start)
    )


def add_secret(machine: Machine, name: str, **times: datetime) -> None:
    ClientSecret.objects.create(client=machine.row, digest=f"sha256${name}", **times)


def run(**options: Any) -> dict[str, int]:
    return prune(ACTOR, **{"batch_size": 100, "now": NOW, **options})


def test_removes_revoked_tokens_that_nobody_accepts_any_more() -> None:
    minute = timedelta(seconds=60)
    add_tokens(minute + SECOND, minute, -DAY)

    assert run()["revoked_tokens"] == 1
    assert RevokedToken.objects.filter(expires_at__gte=NOW - minute).count() == 2


def test_removes_old_usage_figures(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "USAGE_KEPT_FOR": 10 * DAY}
    for days in (9, 11):
        UsageHour.objects.create(hour=NOW - days * DAY, outcome="issued")

    assert run()["usage_hours"] == 1
    assert UsageHour.objects.get().hour == NOW - 9 * DAY


def test_removes_secrets_that_have_been_dead_for_long(machine: Machine) -> None:
    old, recent = NOW - 91 * DAY, NOW - 89 * DAY
    for name in ("revoked", "expired", "both"):
        add_secret(machine, f"old {name}")
    dead = {"old revoked": {"revoked_at": old}, "old expired": {"expires_at": old}}
    for name, times in {**dead, "old both": {"revoked_at": recent, "expires_at": old}}.items():
        ClientSecret.objects.filter(digest=f"sha256${name}").update(**times)
    add_secret(machine, "recently revoked", revoked_at=recent)
    add_secret(machine, "recently expired", expires_at=recent)
    add_secret(machine, "live", expires_at=NOW + DAY)

    assert run()["client_secrets"] == 3
    left = ClientSecret.objects.exclude(visible_end__gt="").values_list("digest", flat=True)
    assert set(left) == {"sha256$recently revoked", "sha256$recently expired", "sha256$live"}


def test_never_touches_a_live_secret(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    ClientSecret.objects.update(created_at=NOW - 5000 * DAY)

    prune(ACTOR, batch_size=100)

    assert token_endpoint.access_token(machine)


def test_removes_old_audit_events_by_age_alone_and_records_it(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "AUDIT_KEPT_FOR": 30 * DAY}
    for days in (29, 31, 32):
        add_event(time=NOW - days * DAY)
    add_event("audit_pruned", time=NOW - 33 * DAY)

    assert run()["audit_events"] == 3
    pruned = AuditEvent.objects.get(event="audit_pruned")
    assert pruned.detail == "3 from before 2026-05-02T12:00:00+00:00"
    assert pruned.actor == ACTOR.name
    assert AuditEvent.objects.filter(event="client_disabled").count() == 1


def test_records_nothing_where_nothing_was_removed() -> None:
    add_event(time=NOW)

    run()

    assert not AuditEvent.objects.filter(event="audit_pruned").exists()


@pytest.mark.parametrize("count", [1, 9, 10, 11])
def test_removes_any_number_in_batches(count: int) -> None:
    add_tokens(*[DAY] * count, -DAY)
    told: list[int] = []

    def go_on(name: str, removed: int) -> bool:
        if name == "revoked_tokens":
            told.append(removed)
        return True

    run(batch_size=5, go_on=go_on)

    assert told[-1] == count
    assert max(after - before for before, after in zip([0, *told], told, strict=False)) <= 5
    assert RevokedToken.objects.count() == 1


def test_reads_no_row_it_removes() -> None:
    add_tokens(*[DAY] * 5)

    with CaptureQueriesContext(connection) as queries:
        run()

    reading = [query["sql"] for query in queries if "revokedtoken" in query["sql"]]
    assert reading
    assert not [sql for sql in reading if "token_id" in sql]


def test_stops_between_batches_and_goes_on_the_next_time(settings: Any) -> None:
    add_tokens(*[DAY] * 12)

    stopped = run(batch_size=5, go_on=lambda _name, removed: removed < 10)
    rest = run(batch_size=5)

    assert stopped == {"revoked_tokens": 10}
    assert rest["revoked_tokens"] == 2


def test_records_the_audit_events_that_were_removed_before_it_was_stopped() -> None:
    for _number in range(4):
        add_event(time=NOW - 3000 * DAY)

    run(batch_size=2, go_on=lambda name, _removed: name != "audit_events")

    assert AuditEvent.objects.get(event="audit_pruned").detail.startswith("2 from before")


class Breakdown(Exception):
    pass


def test_records_the_audit_events_that_were_removed_before_it_broke_down() -> None:
    add_event(time=NOW - 3000 * DAY)

    def break_down(name: str, _removed: int) -> bool:
        if name == "audit_events":
            raise Breakdown
        return True

    with pytest.raises(Breakdown):
        run(go_on=break_down)

    assert AuditEvent.objects.get(event="audit_pruned").detail.startswith("1 from before")


def test_counts_what_would_go_and_removes_nothing(machine: Machine) -> None:
    add_tokens(DAY, -DAY)
    add_secret(machine, "old", revoked_at=NOW - 100 * DAY)
    add_event(time=NOW - 3000 * DAY)

    counts = count_prunable(now=NOW)

    assert counts == {
        "revoked_tokens": 1,
        "used_assertions": 0,
        "client_secrets": 1,
        "client_keys": 0,
        "usage_hours": 0,
        "audit_events": 1,
    }
    assert run() == counts


def test_keeps_what_is_exactly_as_old_as_may_be(settings: Any) -> None:
    kept = {"USAGE_KEPT_FOR": 10 * DAY, "AUDIT_KEPT_FOR": 30 * DAY}
    settings.DJANGO_CC = {**settings.DJANGO_CC, **kept}
    UsageHour.objects.create(hour=NOW - 10 * DAY, outcome="issued")
    add_event(time=NOW - 30 * DAY)

    removed = run()

    assert (removed["usage_hours"], removed["audit_events"]) == (0, 0)
