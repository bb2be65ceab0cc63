"""Do something that may hang in a thread of its own, and wait for it no longer than agreed."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import TypeVar
from weakref import WeakSet

from django_cc.remote.unavailable import DocumentUnavailable, TooManyUnderWay

_Result = TypeVar("_Result")


class Slots:
    """How many such threads may live at once in this process, the abandoned ones included."""

    _free: threading.BoundedSemaphore

    def __init__(self, most: int) -> None:
        """Allow `most`, 1 or more."""
        self._most = most
        self.forget_threads()
        _all_slots.add(self)

    def take(self) -> Callable[[], None]:
        """Return what gives the slot back.

        Raises:
            TooManyUnderWay: all are taken.
        """
        free = self._free
        if not free.acquire(blocking=False):
            raise TooManyUnderWay("too many other documents are being fetched")
        return free.release

    def forget_threads(self) -> None:
        """Start anew, also in a forked child, whom no thread has followed."""
        self._free = threading.BoundedSemaphore(self._most)


def run_within(
    limit: timedelta, work: Callable[[], _Result], slots: Slots, *, abandon: Callable[[], None]
) -> _Result:
    """Return what `work` returns, if it does so within `limit`.

    A thread, because nothing else bounds the system's resolver. A thread that is abandoned in it
    keeps its slot until the resolver gives up.

    Args:
        limit: how long the caller waits.
        work: raises DocumentUnavailable and nothing else.
        slots: one is taken until `work` has ended.
        abandon: called when the time is up; it should bring `work` to its end.

    Raises:
        TooManyUnderWay: there is no slot, or no thread.
        DocumentUnavailable: the time is up, or `work` has raised it.
    """
    outcome: Future[_Result] = Future()
    release = slots.take()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits
            outcome.set_exception(error)
        finally:
            release()

    try:
        threading.Thread(target=run, name="django_cc fetch", daemon=True).start()
    except RuntimeError:  # the system has no thread left, or the interpreter is ending
        release()
        raise TooManyUnderWay("there is no thread to fetch it") from None
    try:
        return outcome.result(limit.total_seconds())
    except TimeoutError:
        abandon()
        raise DocumentUnavailable(f"no answer within {limit.total_seconds():g} s") from None


_all_slots: WeakSet[Slots] = WeakSet()


def _start_anew_after_a_fork() -> None:
    for slots in list(_all_slots):
        slots.forget_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew_after_a_fork)
