"""The snapshot this process works from, and how fresh it is.

Every request asks for it and says how old it may be. Within half of `PROPAGATION_SECONDS` the
answer costs no query; after that one request looks at the revision and, if it moved, loads anew.
The age is tested here, on the path of the request, so no dead thread can leave it fail open.

What is read inside an open transaction is never published, for it may be rolled back: there the
look goes through a connection of its own, or, where none can see the same database (a test's
transaction, SQLite in memory), to a private snapshot that the caller alone gets.
"""

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error as DriverError
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.loading import load_snapshot, read_revision
from django_cc.authorization_server.snapshot.snapshot import Snapshot

logger = logging.getLogger(__name__)

_WAIT_FOR_ANOTHER_LOOK = 1.0  # seconds
_PAUSE_AFTER_A_FAILED_LOOK = 1.0  # seconds


class SnapshotTooOldError(Exception):
    """The database could not be read, and what we know is older than the caller may use."""


@dataclass(frozen=True, slots=True)
class _Published:
    snapshot: Snapshot
    seen_at: float  # time.monotonic() before the look that confirmed it
    last_change: object  # what this process had committed last before that look


_published: _Published | None = None
_last_change = object()
_looking = threading.Lock()
_failed_at: float | None = None  # time.monotonic() of the last look, where it failed


def get_snapshot(*, look_after: timedelta, wait_after: timedelta, max_age: timedelta) -> Snapshot:
    """Return the snapshot, at most `max_age` old.

    Args:
        look_after: the age from which on the database is asked whether something changed.
        wait_after: the age from which on a request waits, a second at the most, for the answer
            to another's question instead of going on with what is known.
        max_age: the age beyond which an unconfirmed snapshot must not be used.

    Raises:
        SnapshotTooOldError: the database is away and the snapshot older than `max_age`.
    """
    known = _published
    connection = transaction.get_connection(get_database())
    if _must_stay_private(connection):
        return load_snapshot(connection.alias)
    if known is not None and _is_current(known) and _age(known) < look_after.total_seconds():
        return known.snapshot
    _look(connection, wait_after.total_seconds())
    known = _published
    if known is None or _age(known) > max_age.total_seconds():
        raise SnapshotTooOldError("The database of machine access is out of reach.")
    return known.snapshot


def look_again() -> None:
    """Make the next request look at the database, because this process changed something."""
    global _last_change  # noqa: PLW0603 - the state this module is about
    _last_change = object()


def _is_current(known: _Published) -> bool:
    return known.last_change is _last_change


def _age(known: _Published) -> float:
    return time.monotonic() - known.seen_at


def _must_stay_private(connection: BaseDatabaseWrapper) -> bool:
    if not connection.in_atomic_block:
        return False
    in_test = any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
    return in_test or _is_in_memory(connection)


def _is_in_memory(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite" and bool(connection.is_in_memory_db())  # type: ignore[attr-defined]  # SQLite's alone


def _look(connection: BaseDatabaseWrapper, wait_after: float) -> None:
    # One request looks. The others go on with what they have while it is fresh enough.
    asked_at = time.monotonic()
    known = _published
    can_go_on = known is not None and _is_current(known) and _age(known) <= wait_after
    if not _looking.acquire(timeout=0 if can_go_on else _WAIT_FOR_ANOTHER_LOOK):
        return
    try:
        # While this request waited, another may have looked for it, or found the database away.
        if not (_was_seen_since(asked_at) or _failed_just_now()):
            _try_to_refresh(connection)
    finally:
        _looking.release()


def _failed_just_now() -> bool:
    failed_at = _failed_at
    return failed_at is not None and time.monotonic() - failed_at < _PAUSE_AFTER_A_FAILED_LOOK


def _try_to_refresh(connection: BaseDatabaseWrapper) -> None:
    global _failed_at  # noqa: PLW0603 - the state this module is about
    try:
        if connection.in_atomic_block:
            _refresh_on_own_connection(connection.alias)
        else:
            _refresh(connection.alias)
    except DriverError as error:
        if _failed_at is None:  # one line for an outage, not one for each request of it
            logger.error("The database of machine access is away: %s", error)
        logger.debug("A look at the database failed.", exc_info=True)
        _failed_at = time.monotonic()
        return
    if _failed_at is not None:
        logger.warning("The database of machine access is back.")
        _failed_at = None


def _was_seen_since(moment: float) -> bool:
    known = _published
    return known is not None and _is_current(known) and known.seen_at >= moment


def _refresh_on_own_connection(alias: str) -> None:
    def refresh() -> None:
        try:
            _refresh(alias)
        finally:
            connections[alias].close()

    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(refresh).result()


def _refresh(alias: str) -> None:
    global _published  # noqa: PLW0603 - the state this module is about
    known, seen_at, last_change = _published, time.monotonic(), _last_change
    if known is not None and known.snapshot.revision == read_revision(alias):
        snapshot = known.snapshot
    else:
        snapshot = load_snapshot(alias)
    _published = _Published(snapshot, seen_at, last_change)


def _forget_the_parents_look() -> None:
    # A lock that a thread of the parent held would never be released in the child.
    global _looking  # noqa: PLW0603 - the state this module is about
    _looking = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents_look)
