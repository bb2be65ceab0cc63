"""What a process knows, how fresh it is, and what that costs."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.authorization_server.snapshot import current
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError, get_snapshot
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.models import MachineClient, Revision
from tests.machines import ACTOR, Machine, TokenEndpoint, call, read_json, register

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
NOW = timedelta(0)


def look(
    *, after: timedelta = HOUR, wait_after: timedelta = HOUR, max_age: timedelta = HOUR
) -> Snapshot:
    """Ask for the snapshot."""
    return get_snapshot(look_after=after, wait_after=wait_after, max_age=max_age)


@pytest.fixture
def live(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[TokenEndpoint, Machine]:
    """A server and a client in committed rows; no outage before this test counts."""
    monkeypatch.setattr(current, "_failed_at", None)
    ensure_signing_key(ACTOR)
    return TokenEndpoint(), register()


def test_issues_without_a_query_when_warm(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live
    endpoint.access_token(machine)

    with CaptureQueriesContext(connection) as queries:
        endpoint.access_token(machine)

    assert len(queries) == 0


def test_verifies_without_a_query_when_warm(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live
    token = endpoint.access_token(machine)
    call(token=token)

    with CaptureQueriesContext(connection) as queries:
        answer = call(token=token)

    assert answer.status_code == 200
    # ATOMIC_REQUESTS opens and ends a transaction around the view.
    assert {query["sql"] for query in queries} <= {"BEGIN", "COMMIT"}


def test_looks_with_one_query_when_nothing_changed(live: tuple[TokenEndpoint, Machine]) -> None:
    look()

    with CaptureQueriesContext(connection) as queries:
        look(after=NOW)

    assert len(queries) == 1


def test_applies_its_own_change_on_commit(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live
    token = endpoint.access_token(machine)

    disable_client(machine.row, ACTOR)

    assert call(token=token).status_code == 401


def test_learns_of_anothers_change_within_the_stated_time(
    live: tuple[TokenEndpoint, Machine], settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "PROPAGATION_SECONDS": 1}
    endpoint, machine = live
    token = endpoint.access_token(machine)
    change_behind_its_back(machine)

    time.sleep(1)

    assert call(token=token).status_code == 401


def change_behind_its_back(machine: Machine) -> None:
    """Disable a client as another process would: this process is told nothing."""
    known = current._last_change
    disable_client(machine.row, ACTOR)
    current._last_change = known


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that comes to nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_ignores_what_is_rolled_back(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live
    token = endpoint.access_token(machine)

    with rolled_back():
        disable_client(machine.row, ACTOR)

    assert call(token=token).status_code == 200


def test_never_publishes_what_an_open_transaction_sees(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    _endpoint, machine = live

    with rolled_back():
        MachineClient.objects.update(generation=99)
        look(after=NOW)

    published = look()
    assert published.clients[machine.client_id].generation == 1


def test_numbers_changes_in_the_order_of_commits(live: tuple[TokenEndpoint, Machine]) -> None:
    before = Revision.objects.get().number

    second = register("Second")

    number = Revision.objects.get().number
    assert number > before
    assert MachineClient.objects.get(pk=second.row.pk).revision == number


def test_refuses_to_number_a_change_outside_a_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        publish()


@pytest.mark.parametrize("back_to", [1, None], ids=["restored backup", "emptied table"])
def test_learns_of_a_change_after_the_revision_went_back(
    live: tuple[TokenEndpoint, Machine], back_to: int | None
) -> None:
    endpoint, machine = live
    register("Before the restore")
    token = endpoint.access_token(machine)
    known = Revision.objects.get().number
    if back_to is None:
        Revision.objects.all().delete()
    else:
        Revision.objects.update(number=known - back_to)

    disable_client(machine.row, ACTOR)

    assert Revision.objects.get().number > known
    assert call(token=token).status_code == 401


def test_begins_above_every_number_it_ever_gave(live: tuple[TokenEndpoint, Machine]) -> None:
    before = Revision.objects.get().number
    Revision.objects.all().delete()

    register("After a flush")

    assert Revision.objects.get().number > before


@contextmanager
def unplugged(error: type[Exception] = DatabaseError) -> Iterator[None]:
    """The database, out of reach for a while.

    For every connection: a look inside a transaction has one of its own.
    """

    def fail(*_arguments: object, **_more: object) -> Any:
        raise error("unplugged")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CursorWrapper, "_execute_with_wrappers", fail)
        yield


@pytest.fixture
def aged(live: tuple[TokenEndpoint, Machine], settings: Any) -> tuple[Any, ...]:
    """A server whose snapshot is older than PROPAGATION_SECONDS, and a token from before."""
    settings.DJANGO_CC = {**settings.DJANGO_CC, "PROPAGATION_SECONDS": 1}
    endpoint, machine = live
    token = endpoint.access_token(machine)
    time.sleep(1.1)
    return endpoint, machine, token


@pytest.mark.rfc("9110", "15.6.4", "503 with Retry-After")
def test_stops_issuing_when_the_database_is_away(aged: tuple[Any, ...]) -> None:
    endpoint, machine, _token = aged

    with unplugged():
        answer = endpoint.post(authorization=machine.basic())

    assert (answer.status_code, read_json(answer)["error"]) == (503, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0


def test_goes_on_verifying_when_the_database_is_away(aged: tuple[Any, ...]) -> None:
    _endpoint, _machine, token = aged

    with unplugged():
        answer = call(token=token)

    assert answer.status_code == 200


def test_stops_verifying_when_the_database_stays_away(aged: tuple[Any, ...], settings: Any) -> None:
    _endpoint, _machine, token = aged
    settings.DJANGO_CC = {**settings.DJANGO_CC, "MAX_STALENESS_SECONDS": 1}

    with unplugged():
        answer = call(token=token)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_tells_of_an_outage_once_and_of_its_end(
    aged: tuple[Any, ...], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint, machine, _token = aged
    with unplugged():
        for _number in range(5):
            endpoint.post(authorization=machine.basic())
    time.sleep(1.1)
    endpoint.post(authorization=machine.basic())

    lines = [r.getMessage() for r in caplog.records if r.name == current.__name__]
    assert [line.partition(":")[0] for line in lines] == [
        "The database of machine access is away",
        "The database of machine access is back.",
    ]


def test_recovers_by_itself(aged: tuple[Any, ...]) -> None:
    endpoint, machine, _token = aged
    with unplugged():
        endpoint.post(authorization=machine.basic())
    time.sleep(1.1)

    assert endpoint.post(authorization=machine.basic()).status_code == 200


def test_has_nothing_to_say_without_a_first_look(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_published", None)
    monkeypatch.setattr(current, "_failed_at", None)

    with unplugged(), pytest.raises(SnapshotTooOldError):
        look()


def test_lets_one_thread_look_while_the_others_go_on(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    look()
    with current._looking, CaptureQueriesContext(connection) as queries:
        look(after=NOW)

    assert len(queries) == 0


def test_waits_for_anothers_look_rather_than_verify_with_what_is_too_old(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    _endpoint, machine = live
    look()
    change_behind_its_back(machine)
    seen: list[bool] = []

    def verify() -> None:
        try:
            seen.append(look(after=NOW, wait_after=NOW).clients[machine.client_id].enabled)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=verify) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [False] * 8


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_answers_503_whatever_the_driver_raises(
    aged: tuple[Any, ...], error: type[Exception]
) -> None:
    endpoint, machine, _token = aged

    with unplugged(error):
        answer = endpoint.post(authorization=machine.basic())

    assert answer.status_code == 503


def test_answers_503_in_a_thread_that_waits_in_vain(
    live: tuple[TokenEndpoint, Machine], settings: Any
) -> None:
    look()
    time.sleep(0.01)

    with current._looking, pytest.raises(SnapshotTooOldError):
        look(after=NOW, wait_after=NOW, max_age=timedelta(milliseconds=1))
