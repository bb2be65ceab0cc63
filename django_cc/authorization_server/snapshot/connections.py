"""Where the database may be read so that what is read may be shared with other requests.

What is read inside an open transaction may be rolled back. There the reading goes through a
connection of its own, or, where none can see the same database (a test's transaction, SQLite in
memory), its result stays the caller's own.
"""

from collections.abc import Callable
from threading import Thread

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def must_stay_private(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether nobody else may see what is read now, and no other connection can read it."""
    if not connection.in_atomic_block:
        return False
    in_test = any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
    return in_test or is_in_memory(connection)


def is_in_memory(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether every connection has a database of its own."""
    return connection.vendor == "sqlite" and bool(connection.is_in_memory_db())  # type: ignore[attr-defined]  # SQLite's alone


def run_on_own_connection(run: Callable[[], None], alias: str, *, timeout: float) -> None:
    """Run something outside the transaction of this thread; wait at most `timeout` seconds."""

    def run_and_close() -> None:
        try:
            run()
        finally:
            connections[alias].close()

    thread = Thread(target=run_and_close, name="django_cc look", daemon=True)
    thread.start()
    thread.join(timeout)
