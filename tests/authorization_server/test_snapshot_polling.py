"""The thread that looks, and what requests do while it looks in vain."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server import background
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.settings import Background
from django_cc.authorization_server.snapshot import current
from django_cc.authorization_server.snapshot.current import (
    CurrentSnapshot,
    SnapshotTooOldError,
)
from django_cc.models import MachineClient
from tests.authorization_server.looking import (
    HOUR,
    NOW,
    rolled_back,
)
from tests.machines import ACTOR, Machine, TokenEndpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.two_connections]


@pytest.fixture
def polling(
    live: tuple[TokenEndpoint, Machine], monkeypatch: pytest.MonkeyPatch
) -> Iterator[CurrentSnapshot]:
    """A process whose thread looks, as outside of tests."""
    monkeypatch.setattr(background, "get_mode", lambda: Background.THREAD)
    process = CurrentSnapshot()
    yield process
    process._polling._run = connections.close_all
    process._polling._finish()


def test_has_its_thread_look_before_it_answers(
    polling: CurrentSnapshot, live: tuple[TokenEndpoint, Machine]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = polling.get(look_after=HOUR, wait_after=HOUR, max_age=HOUR)

    assert live[1].client_id in found.clients
    assert len(queries) == 0


def test_learns_of_a_change_without_a_request(
    polling: CurrentSnapshot, live: tuple[TokenEndpoint, Machine], settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "PROPAGATION_SECONDS": 1}
    polling.get(look_after=HOUR, wait_after=HOUR, max_age=HOUR)
    disable_client(live[1].row, ACTOR)

    def knows() -> bool:
        known = polling._known
        return known is not None and not known.snapshot.clients[live[1].client_id].enabled

    deadline = time.monotonic() + 5
    while not knows() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert knows()


def test_waits_for_its_thread_inside_a_transaction_too(
    polling: CurrentSnapshot, live: tuple[TokenEndpoint, Machine]
) -> None:
    with rolled_back():
        MachineClient.objects.update(generation=99)
        found = polling.get(look_after=NOW, wait_after=NOW, max_age=HOUR)

    assert found.clients[live[1].client_id].generation == 1


@pytest.fixture
def hanging(polling: CurrentSnapshot, monkeypatch: pytest.MonkeyPatch) -> Iterator[CurrentSnapshot]:
    """A process that knows something, and whose database stops answering."""
    polling.get(look_after=HOUR, wait_after=HOUR, max_age=HOUR)
    released = threading.Event()
    monkeypatch.setattr(current, "load_changes", lambda known, _alias: released.wait(20) and known)
    yield polling
    released.set()


def test_waits_for_a_database_that_hangs_a_second_and_only_once(hanging: CurrentSnapshot) -> None:
    waited = []
    for _request in range(3):
        began_at = time.monotonic()
        hanging.get(look_after=NOW, wait_after=NOW, max_age=HOUR)
        waited.append(time.monotonic() - began_at)

    assert 0.9 < waited[0] < 2
    assert max(waited[1:]) < 0.2


def test_says_that_a_database_that_hangs_is_away(hanging: CurrentSnapshot) -> None:
    with pytest.raises(SnapshotTooOldError):
        hanging.get(look_after=NOW, wait_after=NOW, max_age=NOW)


def test_lets_requests_look_where_no_thread_can_be_started(
    polling: CurrentSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)

        assert polling.get(look_after=HOUR, wait_after=HOUR, max_age=HOUR).clients
