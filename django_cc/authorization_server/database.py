"""The one database that holds machine access."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from django_cc.models import MachineClient


def get_database() -> str:
    """Return the alias of the database that our tables are written to and read from."""
    return router.db_for_write(MachineClient)


@contextmanager
def no_compilation() -> Iterator[None]:
    """Read in a transaction in which PostgreSQL compiles no query to machine code.

    For queries with many small conditions over thousands of rows: it takes their number for work
    and compiles for seconds what runs in a tenth of one.
    """
    alias = get_database()
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SET LOCAL jit = off")
        yield
