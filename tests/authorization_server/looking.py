"""Look at the snapshot, in transactions and while the database is away."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper

from django_cc.authorization_server.snapshot.current import current_snapshot
from django_cc.authorization_server.snapshot.snapshot import Snapshot

HOUR = timedelta(hours=1)
NOW = timedelta(0)


def look(
    *, after: timedelta = HOUR, wait_after: timedelta = HOUR, max_age: timedelta = HOUR
) -> Snapshot:
    """Ask for the snapshot."""
    return current_snapshot.get(look_after=after, wait_after=wait_after, max_age=max_age)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that comes to nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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


def in_another_thread(work: Callable[[], object]) -> None:
    """Do something on another connection, as another process would."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
