"""A load is several queries, and a change may commit between any two of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.state import disable_client, revoke_tokens
from django_cc.authorization_server.snapshot.loading import load_changes, load_snapshot
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.models import MachineClient
from tests.authorization_server.looking import in_another_thread
from tests.machines import ACTOR, Machine, TokenEndpoint
from tests.projects.combined import ORDERS_API

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.two_connections]

Load = Callable[[], Snapshot]


@contextmanager
def committing_after(statement: int, change: Callable[[], object]) -> Iterator[None]:
    """Make a change on another connection when the load has done so many statements."""
    done = 0

    def execute(run: Any, *rest: Any) -> Any:
        nonlocal done
        result = run(*rest)
        done += 1
        if done == statement:
            in_another_thread(change)
        return result

    with connection.execute_wrapper(execute):
        yield


def anew() -> Load:
    """Load as a process that knows nothing."""
    return lambda: load_snapshot("default")


def what_changed() -> Load:
    """Load as a process that knows all but the last change."""
    known = load_snapshot("default")
    client = MachineClient.objects.select_related("application").get()
    revoke_tokens(client, ACTOR)
    return lambda: load_changes(known, "default")


def count_statements(load: Load) -> int:
    with CaptureQueriesContext(connection) as queries:
        load()
    return len(queries)


LOADS = pytest.mark.parametrize("prepare", [anew, what_changed])


@LOADS
def test_the_next_look_finds_whatever_committed_meanwhile(
    live: tuple[TokenEndpoint, Machine], prepare: Callable[[], Load]
) -> None:
    _endpoint, machine = live
    statements = count_statements(prepare())
    lost = []

    for statement in range(1, statements + 1):
        MachineClient.objects.update(disabled_at=None)
        load = prepare()
        with committing_after(statement, lambda: disable_client(machine.row, ACTOR)):
            loaded = load()
        if load_changes(loaded, "default").clients[machine.client_id].enabled:
            lost.append(statement)

    assert lost == []


@LOADS
def test_a_scope_that_was_taken_away_is_never_held_by_a_living_generation(
    live: tuple[TokenEndpoint, Machine], prepare: Callable[[], Load]
) -> None:
    _endpoint, machine = live
    taken, statements = choose_scopes(["orders:write"]), count_statements(prepare())
    too_generous = []

    for statement in range(1, statements + 1):
        grant_access(machine.row, taken, ACTOR)
        load = prepare()
        with committing_after(statement, lambda: revoke_access(machine.row, taken, ACTOR)):
            client = load().clients[machine.client_id]
        living = MachineClient.objects.get().generation
        held = client.find_held_scope(ORDERS_API)
        if client.generation == living and held is not None and "orders:write" in held:
            too_generous.append(statement)

    assert too_generous == []
