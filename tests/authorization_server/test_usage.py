"""Figures: counted in memory, written in the background, read per client."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server import recording
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.usage import buffer
from django_cc.authorization_server.usage.buffer import UsageBuffer, Use
from django_cc.authorization_server.usage.figures import count_issued, read_usage
from django_cc.authorization_server.usage.writing import write_figures
from django_cc.models import APIAccess, ClientSecret, UsageHour
from django_cc.protocol.client import AuthenticationFamily, CredentialRef
from django_cc.protocol.scope import Scope
from tests.machines import Machine, TokenEndpoint, register
from tests.projects.combined import ORDERS_API

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
READ = Scope.parse("orders:read")


def secret(digest: str) -> CredentialRef:
    return CredentialRef(AuthenticationFamily.CLIENT_SECRET, digest)


SECRET = secret("sha256$")


@pytest.fixture(autouse=True)
def empty_buffers() -> Iterator[None]:
    """Nothing counted by another test."""
    recording._forget()
    yield
    recording._forget()


def fill(usage: UsageBuffer, client_id: str = "one", *, times: int = 1) -> None:
    for _ in range(times):
        usage.count_issued(client_id, ORDERS_API, READ, credential=SECRET, use=Use(NOON, None))


@pytest.mark.django_db
def test_counts_what_was_issued_and_refused_in_each_hour(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    with time_machine.travel(NOON) as traveller:
        token_endpoint.access_token(machine)
        token_endpoint.access_token(machine)
        token_endpoint.post("grant_type=client_credentials&scope=no", authorization=machine.basic())
        traveller.shift(timedelta(hours=1))
        token_endpoint.access_token(machine)
        write_down()

    usage = read_usage(machine.row, since=NOON - DAY, until=NOON + DAY)
    first, second = usage.hours
    assert (first.issued, first.refused) == ({ORDERS_API: 2}, {"scope_not_granted": 1})
    assert (second.issued, second.refused) == ({ORDERS_API: 1}, {})
    assert (usage.issued, usage.refused) == (3, 1)
    assert second.hour - first.hour == timedelta(hours=1)
    assert count_issued([machine.client_id, "nobody"], since=NOON) == {machine.client_id: 3}


@pytest.mark.django_db
def test_adds_to_what_another_process_wrote(machine: Machine) -> None:
    for _process in range(3):
        usage = UsageBuffer()
        fill(usage, machine.client_id, times=2)
        write_figures(usage.take())

    assert UsageHour.objects.get().count == 6


@pytest.mark.django_db
def test_writes_many_counters_in_batches() -> None:
    usage = UsageBuffer()
    for number in range(1_100):
        usage.count_refused(f"client {number}", "wrong_secret", at=NOON)
    with CaptureQueriesContext(connection) as queries:
        write_figures(usage.take())

    assert UsageHour.objects.filter(count=1).count() == 1_100
    assert len(queries) < 40


@pytest.mark.django_db
def test_remembers_when_and_from_where_each_secret_was_used(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    with time_machine.travel(NOON):
        token_endpoint.access_token(machine)
        write_down()

    secret = ClientSecret.objects.get()
    assert secret.last_used_at is not None
    assert abs(secret.last_used_at - NOON) < timedelta(seconds=1)
    assert secret.last_used_address == "127.0.0.1"
    assert read_usage(machine.row, since=NOON, until=NOON).last_used_at == secret.last_used_at


@pytest.mark.django_db
def test_notes_a_use_no_more_often_than_every_minute(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    seen = []
    with time_machine.travel(NOON, tick=False) as traveller:
        for seconds in (0, 59, 2):
            traveller.shift(seconds)
            token_endpoint.access_token(machine)
            write_down()
            last_used_at = ClientSecret.objects.get().last_used_at
            assert last_used_at is not None
            seen.append((last_used_at - NOON).total_seconds())

    assert seen == [0, 0, 61]


@pytest.mark.django_db
def test_never_moves_a_last_use_back(machine: Machine) -> None:
    digest = ClientSecret.objects.get().digest
    for minutes in (10, 0):  # the second process wrote late
        usage = UsageBuffer()
        at = NOON + timedelta(minutes=minutes)
        usage.count_issued(
            machine.client_id, ORDERS_API, READ, credential=secret(digest), use=Use(at, None)
        )
        write_figures(usage.take())

    assert ClientSecret.objects.get().last_used_at == NOON + timedelta(minutes=10)


@pytest.mark.django_db
def test_remembers_the_day_each_scope_was_last_requested(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    with time_machine.travel(NOON):
        token_endpoint.access_token(machine, scope="orders:read")
        write_down()

    days = dict(APIAccess.objects.values_list("scope__name", "last_requested_on"))
    assert days == {"orders:read": NOON.date(), "orders:write": None}


@pytest.mark.django_db
def test_writes_nothing_on_the_path_of_a_request(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token_endpoint.access_token(machine)

    assert not UsageHour.objects.exists()


@contextmanager
def unplugged() -> Iterator[None]:
    def fail(*_arguments: object) -> Any:
        raise DatabaseError("unplugged")

    with connection.execute_wrapper(fail):
        yield


@pytest.mark.django_db
def test_keeps_what_could_not_be_written(
    token_endpoint: TokenEndpoint, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    token_endpoint.access_token(machine)
    with unplugged():
        write_down()
    token_endpoint.access_token(machine)

    write_down()

    assert UsageHour.objects.get().count == 2
    assert ClientSecret.objects.get().last_used_at is not None
    assert "wait in memory" in caplog.text


def test_loses_no_total_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_COUNTERS", 3)
    usage = UsageBuffer()
    for number in range(10):
        fill(usage, f"client {number}")

    counts = usage.take().counts
    assert sum(counts.values()) == 10
    assert len(counts) == 4
    assert {key.client_id: count for key, count in counts.items()}[""] == 7


def test_remembers_no_more_uses_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_USES", 3)
    usage = UsageBuffer()
    for number in range(10):
        use = Use(NOON, None)
        usage.count_issued(f"{number}", ORDERS_API, READ, credential=secret(f"{number}"), use=use)

    figures = usage.take()
    assert (len(figures.credential_uses), len(figures.requested)) == (3, 3)
    assert len(usage._noted_days) <= 3


def test_counts_every_token_of_many_threads() -> None:
    usage = UsageBuffer()
    threads = [threading.Thread(target=fill, args=(usage,), kwargs={"times": 500}) for _ in "1234"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(usage.take().counts.values()) == 2_000


@pytest.mark.two_connections
@pytest.mark.django_db(transaction=True)
def test_lets_several_processes_write_at_once() -> None:
    failures: list[Exception] = []

    def write(order: int) -> None:
        usage = UsageBuffer()
        for number in range(200)[:: order or 1]:
            fill(usage, f"client {number}")
        try:
            write_figures(usage.take())
        except DatabaseError as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert set(UsageHour.objects.values_list("count", flat=True)) == {4}


def test_outlives_the_client_it_counts(db: None) -> None:
    machine = register()
    usage = UsageBuffer()
    fill(usage, machine.client_id)
    machine.row.delete()

    write_figures(usage.take())

    assert UsageHour.objects.get().client_id == machine.client_id


def test_lets_the_newer_use_win_over_one_that_could_not_be_written() -> None:
    usage = UsageBuffer()

    def use(at: datetime) -> None:
        usage.count_issued("one", ORDERS_API, READ, credential=SECRET, use=Use(at, None))

    use(NOON)
    failed = usage.take()
    use(NOON + timedelta(minutes=5))
    usage.put_back(failed)

    assert usage.take().credential_uses["one", SECRET].at == NOON + timedelta(minutes=5)


def test_writes_the_last_of_many_uses_and_where_it_came_from() -> None:
    usage = UsageBuffer()
    times = [NOON + timedelta(seconds=seconds) for seconds in (0, 10, 20, 70)]
    for at, address in zip(times[:2], ("10.0.0.1", "10.0.0.2"), strict=True):
        usage.note_use("one", SECRET, Use(at, address))

    first = usage.take(times[1]).credential_uses
    usage.note_use("one", SECRET, Use(times[2], "10.0.0.3"))
    in_between = usage.take(times[2]).credential_uses
    at_last = usage.take(times[3]).credential_uses

    assert first == {("one", SECRET): Use(times[1], "10.0.0.2")}
    assert in_between == {}
    assert at_last == {("one", SECRET): Use(times[2], "10.0.0.3")}


def test_remembers_no_more_writes_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_USES", 3)
    usage = UsageBuffer()
    for number in range(10):
        usage.note_use("one", secret(f"{number}"), Use(NOON, None))
        usage.take(NOON)

    assert len(usage._uses_taken) <= 3


def test_stays_within_its_bounds_while_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buffer, "MOST_USES", 3)
    usage = UsageBuffer()
    for number in range(10):
        use = Use(NOON, None)
        usage.count_issued(f"{number}", ORDERS_API, READ, credential=secret(f"{number}"), use=use)
        usage.put_back(usage.take())

    figures = usage.take()
    assert (len(figures.credential_uses), len(figures.requested)) == (3, 3)


@pytest.mark.django_db
def test_notes_every_part_of_a_clients_scopes_at_once(machine: Machine) -> None:
    usage = UsageBuffer()
    for names in ("orders:read", "orders:write", "orders:read orders:write"):
        scope = Scope.parse(names)
        use = Use(NOON, None)
        usage.count_issued(machine.client_id, ORDERS_API, scope, credential=SECRET, use=use)
    figures = usage.take()
    figures.counts.clear()
    figures.credential_uses.clear()

    with CaptureQueriesContext(connection) as queries:
        write_figures(figures)

    assert len(queries) == 1
    assert not APIAccess.objects.filter(last_requested_on=None).exists()
