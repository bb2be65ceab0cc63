"""What a process knows, how fresh it is, and what that costs."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.secrets import update_secret
from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.authorization_server.snapshot import current
from django_cc.authorization_server.snapshot.current import (
    CurrentSnapshot,
    SnapshotTooOldError,
    current_snapshot,
)
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.models import MachineClient, Revision
from tests.authorization_server.looking import (
    HOUR,
    NOW,
    in_another_thread,
    look,
    rolled_back,
    unplugged,
)
from tests.jwts import read_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, call, read_json, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = pytest.mark.django_db(transaction=True)


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
    known = current_snapshot._last_change
    disable_client(machine.row, ACTOR)
    current_snapshot._last_change = known


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


def test_has_nothing_to_say_without_a_first_look(transactional_db: None) -> None:
    with unplugged(), pytest.raises(SnapshotTooOldError):
        CurrentSnapshot().get(look_after=HOUR, wait_after=HOUR, max_age=HOUR)


def test_lets_one_thread_look_while_the_others_go_on(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    look()
    with current_snapshot._looking, CaptureQueriesContext(connection) as queries:
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

    with current_snapshot._looking, pytest.raises(SnapshotTooOldError):
        look(after=NOW, wait_after=NOW, max_age=timedelta(milliseconds=1))


def test_loads_only_the_clients_that_changed(live: tuple[TokenEndpoint, Machine]) -> None:
    _endpoint, machine = live
    other = register("Other")
    before = look().clients[other.client_id]

    disable_client(machine.row, ACTOR)

    after = look()
    assert after.clients[other.client_id] is before
    assert not after.clients[machine.client_id].enabled


def test_costs_the_same_few_queries_however_many_clients_there_are(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    counts = []
    for number in range(3):
        look()
        register(f"Client {number}")
        with CaptureQueriesContext(connection) as queries:
            look()
        counts.append(len(queries))

    assert counts == [10] * 3


def test_forgets_a_client_that_was_deleted(live: tuple[TokenEndpoint, Machine]) -> None:
    _endpoint, machine = live
    disable_client(machine.row, ACTOR)
    look()

    delete_client(machine.row, ACTOR)

    assert machine.client_id not in look().clients


def test_loads_everything_anew_every_ten_minutes(live: tuple[TokenEndpoint, Machine]) -> None:
    _endpoint, machine = live
    look()
    MachineClient.objects.update(generation=7)  # behind the services: no number tells of it

    known = current_snapshot._known
    assert known is not None
    early = look(after=NOW).clients[machine.client_id].generation
    current_snapshot._known = replace(known, complete_at=known.complete_at - 600)
    late = look(after=NOW).clients[machine.client_id].generation

    assert (early, late) == (1, 7)


def test_loads_everything_anew_after_an_outage(aged: tuple[Any, ...]) -> None:
    # Perhaps a backup was restored meanwhile, and has changes of its own.
    _endpoint, machine, _token = aged
    with unplugged():
        look(after=NOW)
    MachineClient.objects.update(generation=7)
    time.sleep(1.1)

    assert look(after=NOW).clients[machine.client_id].generation == 7


def test_learns_what_loaddata_wrote(live: tuple[TokenEndpoint, Machine], tmp_path: Path) -> None:
    _endpoint, machine = live
    fixture = tmp_path / "clients.json"
    tables = ["django_cc.machineclient", "django_cc.clientsecret", "django_cc.apiaccess"]
    call_command("dumpdata", *tables, output=str(fixture), verbosity=0)
    disable_client(machine.row, ACTOR)
    assert not look().clients[machine.client_id].enabled

    with CaptureQueriesContext(connection) as queries:
        call_command("loaddata", str(fixture), verbosity=0)

    assert len([query for query in queries if 'SET "removal"' in query["sql"]]) == 1
    assert look().clients[machine.client_id].enabled
    assert Revision.objects.get().removal > 0


@pytest.mark.two_connections
def test_finds_what_commits_while_it_loads(live: tuple[TokenEndpoint, Machine]) -> None:
    _endpoint, machine = live
    process = CurrentSnapshot()
    committed = False

    def commit_after_the_revision_was_read(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal committed
        result = execute(sql, *rest)
        if "django_cc_revision" in sql and not committed:
            committed = True
            in_another_thread(lambda: disable_client(machine.row, ACTOR))
        return result

    with connection.execute_wrapper(commit_after_the_revision_was_read):
        process.get(look_after=NOW, wait_after=NOW, max_age=HOUR)

    found = process.get(look_after=NOW, wait_after=NOW, max_age=HOUR)
    assert found.revision == Revision.objects.get().number
    assert not found.clients[machine.client_id].enabled


def test_refuses_a_token_that_was_revoked_alone(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live
    dead, living = endpoint.access_token(machine), endpoint.access_token(machine)
    token_id = read_claims(dead)["jti"]

    revoke_token(token_id, ACTOR, expires_at=timezone.now() + HOUR)

    assert call(token=dead).status_code == 401
    assert call(token=living).status_code == 200


def revoke_all(machine: Machine) -> None:
    revoke_tokens(machine.row, ACTOR)


def grant_more(machine: Machine) -> None:
    grant_access(machine.row, choose_scopes(["billing:read"]), ACTOR)


@pytest.mark.parametrize("change", [revoke_all, grant_more], ids=["revoke all", "grant"])
def test_looks_again_for_a_token_that_is_newer_than_what_it_knows(
    live: tuple[TokenEndpoint, Machine], change: Callable[[Machine], None]
) -> None:
    endpoint, machine = live
    look()
    known = current_snapshot._known
    change(machine)
    resource = ORDERS_API if change is revoke_all else BILLING_API
    token = endpoint.access_token(machine, resource=resource)

    assert known is not None
    # As a process that has not heard of the change:
    current_snapshot._known, current_snapshot._last_change = known, known.last_change
    answer = call("/api/scoped/" if change is revoke_all else "/api/billing/", token=token)

    assert answer.status_code == 200


def test_numbers_changes_upwards_though_the_clock_went_back(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    _endpoint, machine = live
    before = look().revision

    with time_machine.travel(timezone.now() - timedelta(days=1)):
        disable_client(machine.row, ACTOR)

    assert Revision.objects.get().number > before
    assert not look().clients[machine.client_id].enabled


@pytest.mark.parametrize(
    "ahead", [timedelta(hours=9), timedelta(hours=-9)], ids=["ahead", "behind"]
)
def test_learns_of_changes_of_a_host_whose_clock_differs(
    live: tuple[TokenEndpoint, Machine], ahead: timedelta
) -> None:
    _endpoint, machine = live
    look()
    with time_machine.travel(timezone.now() + ahead):
        disable_client(machine.row, ACTOR)
    known = [look().clients[machine.client_id].enabled]

    enable_client(machine.row, ACTOR)

    known.append(look().clients[machine.client_id].enabled)
    assert known == [False, True]


def test_counts_its_age_from_before_the_look(live: tuple[TokenEndpoint, Machine]) -> None:
    def late(execute: Any, *rest: Any) -> Any:
        result = execute(*rest)
        time.sleep(0.3)
        return result

    look()
    with connection.execute_wrapper(late):
        look(after=NOW)

    with CaptureQueriesContext(connection) as queries:
        look(after=timedelta(seconds=0.3))
    assert len(queries) == 1


def test_looks_again_for_a_change_made_while_it_looked(live: tuple[TokenEndpoint, Machine]) -> None:
    def meanwhile(execute: Any, *rest: Any) -> Any:
        result = execute(*rest)
        current_snapshot.look_again()
        return result

    look()
    with connection.execute_wrapper(meanwhile):
        look(after=NOW)

    with CaptureQueriesContext(connection) as queries:
        look()
    assert len(queries) == 1


@pytest.mark.two_connections
def test_looks_by_a_new_connection_where_the_old_one_broke(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    look()
    change_behind_its_back(live[1])
    connection.connection.close()

    assert not look(after=NOW).clients[live[1].client_id].enabled


def test_takes_over_the_new_end_of_a_secret(live: tuple[TokenEndpoint, Machine]) -> None:
    _endpoint, machine = live
    look()
    end = timezone.now() + timedelta(days=1)

    update_secret(machine.row.secrets.get(), ACTOR, note="", expires_at=end)

    [stored] = look().clients[machine.client_id].secrets
    assert stored.expires_at == end


def test_takes_a_look_that_fails_for_any_reason_for_an_outage(
    live: tuple[TokenEndpoint, Machine],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    look()

    def fail(*_arguments: object) -> Snapshot:
        raise KeyError("a row that nobody expected")

    monkeypatch.setattr(current, "load_changes", fail)
    for _request in range(3):
        look(after=NOW)
    with pytest.raises(SnapshotTooOldError):
        look(after=NOW, max_age=NOW)

    assert caplog.text.count("cannot be read") == 1


def test_looks_once_for_the_token_of_a_client_that_was_deleted(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    endpoint, machine = live
    token = endpoint.access_token(machine)
    disable_client(machine.row, ACTOR)
    delete_client(machine.row, ACTOR)
    call(token=token)

    with CaptureQueriesContext(connection) as queries:
        statuses = {call(token=token).status_code for _ in range(3)}

    assert statuses == {401}
    assert [query for query in queries if "revision" in query["sql"]] == []
