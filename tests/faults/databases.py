"""A database of a test's own on the suite's PostgreSQL, dropped after use."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg import sql


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Yield the URL of a new database on the server of the URL `server`."""
    name = f"served_{uuid4().hex}"
    _execute(server, "CREATE DATABASE {}", name)
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def find_last_change(database: str) -> float:
    """Return when the last change to machine access was about to commit, by `time.monotonic()`.

    Its number tells: the microseconds since 1970 at which it was taken.
    """
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT number FROM django_cc_revision").fetchone()
    assert row is not None
    ago = time.time() - float(row[0]) / 1e6
    return time.monotonic() - ago


def _execute(server: str, statement: str, name: str) -> None:
    with psycopg.connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
