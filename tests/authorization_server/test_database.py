"""Reading many rows by many small conditions."""

import pytest
from django.db import connection

from django_cc.authorization_server.database import no_compilation

pytestmark = pytest.mark.django_db


@pytest.mark.skipif(connection.vendor != "postgresql", reason="compiles nothing anyway")
def test_postgresql_compiles_nothing_there() -> None:
    with no_compilation(), connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_reads_there_as_anywhere() -> None:
    with no_compilation(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
