"""Do what no request should wait for: in a thread, after a request, or not at all (`BACKGROUND`).

A thread is started by the first request that needs it, never at import, and again in a forked
child. It is a daemon: nothing depends on its living on. Whoever needs its work tests how old
the result is.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from weakref import WeakSet

from django.db import close_old_connections

from django_cc.authorization_server.forks import after_fork, notice_fork
from django_cc.authorization_server.settings import Background, get_settings

logger = logging.getLogger(__name__)

_LAST_RUN_TAKES_AT_MOST = 2.0  # seconds, when the process ends
_FIRST_OF_ALL = 100  # before multiprocessing ends what is its own


def get_mode() -> Background:
    """Return who works in the background here: nobody while Django's test runner does."""
    # A thread would not see a test's transaction, and would hold the test database open.
    testing = sys.modules.get("django.test.utils")
    if testing is not None and hasattr(testing._TestState, "saved_data"):
        return Background.OFF
    return Background(get_settings().background)


class BackgroundTask:
    """Something to be done again and again, by at most one thread of each process."""

    _thread: threading.Thread | None
    _due: threading.Event
    _finalizer: Finalize | None
    _was_refused: bool

    def __init__(
        self,
        name: str,
        run: Callable[[], None],
        *,
        interval: Callable[[], float],
        at_end: Callable[[], None] | None = None,
    ) -> None:
        """Describe the task; nothing is started.

        Args:
            name: of the thread.
            run: does the work once; what it raises is logged.
            interval: returns the seconds between two runs.
            at_end: does what is left when the process ends; None where nothing is.
        """
        self._name, self._run, self._interval, self._at_end = name, run, interval, at_end
        self._ran_at = time.monotonic()
        self._forget_threads()
        _tasks.add(self)

    def start(self) -> None:
        """Have the task run every interval as `BACKGROUND` says; cheap to repeat."""
        notice_fork()
        thread = self._thread
        if thread is not None and thread.is_alive():
            return
        mode = get_mode()
        if mode is Background.REQUEST_FINISHED:
            self._run_when_the_process_ends()
        if mode is Background.THREAD:
            try:
                self._ensure_running()
            except RuntimeError as error:
                if not self._was_refused:
                    logger.error("%s has no thread: %s", self._name, error)
                self._was_refused = True

    def wake(self) -> bool:
        """Have a thread run the task now.

        Returns:
            False where no thread may: then nothing happens.
        """
        if get_mode() is not Background.THREAD:
            return False
        try:
            self._ensure_running()
        except RuntimeError:  # the system has no thread left, or the interpreter is ending
            return False
        self._due.set()
        return True

    def run_if_due(self) -> None:
        """Run the task in this thread if its time has come and nobody else is at it."""
        if not self._is_due() or not self._running.acquire(blocking=False):
            return
        try:
            if self._is_due():  # nobody else did it between the two questions
                self._run_safely(self._run)
        finally:
            self._running.release()

    def _is_due(self) -> bool:
        return time.monotonic() - self._ran_at >= self._interval()

    def _ensure_running(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                thread.start()
                self._thread = thread
                self._run_when_the_process_ends()

    def _run_when_the_process_ends(self) -> None:
        # Not atexit, which the processes of multiprocessing (granian's workers) leave out.
        if self._at_end is not None and self._finalizer is None:
            self._finalizer = Finalize(None, self._finish, exitpriority=_FIRST_OF_ALL)

    def _work(self) -> None:
        while not self._ending:
            self._due.wait(self._interval())
            self._due.clear()
            if not self._ending:
                self._run_safely(self._run)
                close_old_connections()
        if self._at_end is not None:  # what came while it ran, too
            self._run_safely(self._at_end)
            close_old_connections()

    def _run_safely(self, work: Callable[[], None]) -> None:
        self._ran_at = time.monotonic()
        try:
            work()
        except Exception:
            logger.exception("%s failed; it will try again.", self._name)

    def _finish(self) -> None:
        self._ending = True
        self._due.set()
        if self._thread is not None:
            self._thread.join(_LAST_RUN_TAKES_AT_MOST)
        elif self._at_end is not None:
            self._run_safely(self._at_end)

    def _forget_threads(self) -> None:
        # Also in a forked child: threads do not follow, and a lock one of them held stays shut.
        self._thread = None
        self._starting, self._running = threading.Lock(), threading.Lock()
        self._due = threading.Event()
        self._finalizer = None
        self._ending, self._was_refused = False, False


_tasks: WeakSet[BackgroundTask] = WeakSet()


def run_due_tasks(**_signal: object) -> None:
    """Receive `request_finished`, sent when the answer is out: the mode without threads."""
    if get_mode() is Background.REQUEST_FINISHED:
        for task in list(_tasks):
            task.run_if_due()


def _start_anew_after_a_fork() -> None:
    for task in list(_tasks):
        task._forget_threads()


after_fork(_start_anew_after_a_fork)
