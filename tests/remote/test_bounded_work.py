"""Work that may hang, and what becomes of those who wait for it."""

import os
import threading
from datetime import timedelta

import pytest

from django_cc.remote.bounded_work import Slots, run_within
from django_cc.remote.unavailable import DocumentUnavailable

SOON = timedelta(seconds=0.2)


def fail() -> None:
    raise DocumentUnavailable("this is why")


def test_returns_what_the_work_returns() -> None:
    assert run_within(SOON, lambda: 42, Slots(1), abandon=pytest.fail) == 42


def test_raises_what_the_work_raises_and_gives_the_slot_back() -> None:
    slots = Slots(1)

    for _again in range(2):
        with pytest.raises(DocumentUnavailable, match="this is why"):
            run_within(SOON, fail, slots, abandon=pytest.fail)


def test_abandons_work_that_takes_too_long() -> None:
    ended = threading.Event()

    with pytest.raises(DocumentUnavailable, match=r"no answer within 0\.2 s"):
        run_within(SOON, lambda: ended.wait(30), Slots(1), abandon=ended.set)

    assert ended.is_set()


def test_refuses_more_than_there_are_slots_for() -> None:
    slots = Slots(2)
    release = slots.take()
    slots.take()

    with pytest.raises(DocumentUnavailable, match="too many"):
        run_within(SOON, lambda: 42, slots, abandon=pytest.fail)
    release()

    assert run_within(SOON, lambda: 42, slots, abandon=pytest.fail) == 42


def test_gives_the_slot_back_where_no_thread_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    slots = Slots(1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(DocumentUnavailable, match="no thread"):
            run_within(SOON, lambda: 42, slots, abandon=pytest.fail)

    assert run_within(SOON, lambda: 42, slots, abandon=pytest.fail) == 42


@pytest.mark.fork
def test_has_every_slot_again_in_a_forked_child() -> None:
    slots = Slots(1)
    slots.take()

    pid = os.fork()
    if pid == 0:
        try:
            slots.take()
        finally:
            os._exit(0 if _is_taken(slots) else 1)

    assert os.waitpid(pid, 0)[1] == 0


def _is_taken(slots: Slots) -> bool:
    try:
        slots.take()
    except DocumentUnavailable:
        return True
    return False
