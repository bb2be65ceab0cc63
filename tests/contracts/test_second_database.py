"""What meets a database, once more on SQLite, where the main run is on PostgreSQL."""

import os

import pytest

from tests.services.plugin import NestedPytest

RULES_IN_THE_DATABASE = ("authorization_server", "console", "management")


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"),
    reason="the main run is on SQLite already",
)
def test_passes_on_sqlite_too(nested_pytest: NestedPytest) -> None:
    ran = nested_pytest(
        *(f"tests/{folder}" for folder in RULES_IN_THE_DATABASE),
        *("-q", "-m", "not slow and not browser"),
        DJANGO_CC_TEST_DATABASE="sqlite",
    )

    assert ran.returncode == 0, ran.stdout[-5000:]
