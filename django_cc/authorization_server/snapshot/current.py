"""The snapshot this process works from, and how fresh it is.

A thread asks the database every half of `PROPAGATION_SECONDS` whether something changed, and
loads what did. Every request says how old the snapshot may be: the age is tested here, on the
path of the request, so no dead thread can leave it fail open. Where no thread may run, requests
look for themselves.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error as DriverError
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from django_cc.authorization_server.background import BackgroundTask
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.forks import after_fork, notice_fork
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.connections import (
    is_in_memory,
    must_stay_private,
    run_on_own_connection,
)
from django_cc.authorization_server.snapshot.loading import load_changes, load_snapshot
from django_cc.authorization_server.snapshot.snapshot import Snapshot

logger = logging.getLogger(__name__)

_LONGEST_WAIT = 1.0  # seconds a request waits for a look
_LONGEST_WAIT_FOR_THE_FIRST = 10.0  # seconds; it loads every client there is
_PAUSE_AFTER_A_FAILED_LOOK = 1.0  # seconds
_COMPLETE_FOR = 600.0  # seconds; then everything is loaded anew, whatever the stamps say


class SnapshotTooOldError(Exception):
    """The database could not be read, and what we know is older than the caller may use."""


@dataclass(frozen=True, slots=True)
class _Known:
    snapshot: Snapshot
    seen_at: float  # time.monotonic() before the look that confirmed it
    complete_at: float  # the same of the last look that loaded everything
    last_change: object  # what this process had committed last before that look


class CurrentSnapshot:
    """What one process knows; one instance for each, more in tests that play several."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.forget()
        self._look_began_at: float | None = None
        self._polling = BackgroundTask(
            "django_cc polling", self.look, interval=_seconds_between_polls
        )
        self.forget_threads()

    def get(self, *, look_after: timedelta, wait_after: timedelta, max_age: timedelta) -> Snapshot:
        """Return the snapshot, at most `max_age` old.

        Args:
            look_after: the age from which on the database is asked whether something changed.
            wait_after: the age from which on the caller waits, a second at the most, for the
                answer instead of going on with what is known.
            max_age: the age beyond which an unconfirmed snapshot must not be used.

        Raises:
            SnapshotTooOldError: the database is away and the snapshot older than `max_age`.
        """
        notice_fork()
        connection = transaction.get_connection(get_database())
        if must_stay_private(connection):
            return load_snapshot(connection.alias)
        known = self._known
        if known is not None and self._is_younger(known, look_after.total_seconds()):
            return known.snapshot
        self._ask_for_a_look(connection, wait_after.total_seconds())
        known = self._known
        if known is None or time.monotonic() - known.seen_at > max_age.total_seconds():
            raise SnapshotTooOldError("The database of machine access is out of reach.")
        return known.snapshot

    def look_again(self) -> None:
        """Make the next request wait for a look, because this process changed something."""
        self._last_change = object()

    def look(self) -> None:
        """Ask the database what changed, and take it over; one thread at a time.

        An outage is logged, once, and the next look is at least a second away.
        """
        asked_at = time.monotonic()
        if not self._looking.acquire(timeout=self._longest_wait()):
            return
        try:
            # While this thread waited, another may have looked for it.
            if not (self._was_seen_since(asked_at) or self._failed_just_now()):
                self._look_began_at = time.monotonic()
                self._try_to_look()
        finally:
            self._look_began_at = None
            self._looking.release()
            with self._looked:
                self._looked.notify_all()

    def forget(self) -> None:
        """Know nothing, as if the process had just begun: the next request waits for a look."""
        self._last_change = object()
        self._known: _Known | None = None
        self._failed_at: float | None = None

    def forget_threads(self) -> None:
        """Begin with open locks, as a forked child must."""
        self._looking = threading.Lock()
        self._looked = threading.Condition()
        self._look_began_at = None

    def _is_younger(self, known: _Known, age: float) -> bool:
        return known.last_change is self._last_change and time.monotonic() - known.seen_at < age

    def _ask_for_a_look(self, connection: BaseDatabaseWrapper, wait_after: float) -> None:
        known, asked_at = self._known, time.monotonic()
        can_go_on = known is not None and self._is_younger(known, wait_after)
        if not is_in_memory(connection) and self._polling.wake():
            if not can_go_on:
                self._wait_for_a_look(asked_at)
        elif not (can_go_on and self._looking.locked()):
            self._look_now(connection)

    def _wait_for_a_look(self, asked_at: float) -> None:
        def is_answered() -> bool:
            return self._was_seen_since(asked_at) or self._is_in_vain()

        with self._looked:
            self._looked.wait_for(is_answered, timeout=self._longest_wait())

    def _look_now(self, connection: BaseDatabaseWrapper) -> None:
        if self._is_in_vain():
            return
        if connection.in_atomic_block:
            run_on_own_connection(self.look, connection.alias, timeout=self._longest_wait())
        else:
            self.look()

    def _is_in_vain(self) -> bool:
        # With a database that hangs, one look hangs, and nobody waits for it a second time.
        began_at = self._look_began_at
        is_hanging = (
            began_at is not None and time.monotonic() - began_at > 0.9 * self._longest_wait()
        )
        return is_hanging or self._failed_just_now()

    def _longest_wait(self) -> float:
        return _LONGEST_WAIT_FOR_THE_FIRST if self._known is None else _LONGEST_WAIT

    def _failed_just_now(self) -> bool:
        failed_at = self._failed_at
        return failed_at is not None and time.monotonic() - failed_at < _PAUSE_AFTER_A_FAILED_LOOK

    def _was_seen_since(self, moment: float) -> bool:
        known = self._known
        return (
            known is not None and known.last_change is self._last_change and known.seen_at >= moment
        )

    def _try_to_look(self) -> None:
        alias = get_database()
        try:
            self._refresh_by_a_working_connection(alias)
        except DriverError as error:
            if self._failed_at is None:  # one line for an outage, not one for each request of it
                logger.error("The database of machine access is away: %s", error)
            logger.debug("A look at the database failed.", exc_info=True)
            self._failed_at = time.monotonic()
            return
        except Exception:  # a row that nobody expected must not become a 500 for everybody
            if self._failed_at is None:
                logger.exception("The database of machine access cannot be read.")
            self._failed_at = time.monotonic()
            return
        if self._failed_at is not None:
            logger.warning("The database of machine access is back.")
            self._failed_at = None

    def _refresh_by_a_working_connection(self, alias: str) -> None:
        connection = connections[alias]
        was_open = connection.connection is not None
        try:
            self._refresh(alias)
        except DriverError:
            # A connection kept from before (CONN_MAX_AGE) breaks when the database starts anew.
            if not was_open or connection.in_atomic_block:
                raise
            connection.close()
            self._refresh(alias)

    def _refresh(self, alias: str) -> None:
        was_away = self._failed_at is not None  # perhaps to restore a backup
        known, seen_at, last_change = self._known, time.monotonic(), self._last_change
        if known is not None and not was_away:
            snapshot = load_changes(known.snapshot, alias)
            self._known = _Known(snapshot, seen_at, known.complete_at, last_change)
            if seen_at - known.complete_at < _COMPLETE_FOR:
                return
        seen_at, last_change = time.monotonic(), self._last_change
        self._known = _Known(load_snapshot(alias), seen_at, seen_at, last_change)


def _seconds_between_polls() -> float:
    return get_settings().propagation_seconds.total_seconds() / 2


current_snapshot = CurrentSnapshot()

after_fork(current_snapshot.forget_threads)
