"""Fixtures: people in front of the console."""

import pytest
from django.contrib.auth import get_user_model

from tests.console.console import REGISTRAR, Console, create_user


@pytest.fixture
def console(db: None) -> Console:
    """The console as ana sees it, who may register, see all machine clients, and stop them."""
    return Console(
        create_user("ana", *REGISTRAR, "view_machineclient", "access_all_clients", "disable_client")
    )


@pytest.fixture
def admin_console(db: None) -> Console:
    """The console as a superuser sees it."""
    return Console(get_user_model().objects.create_superuser("root"))
