"""Fixtures: people in front of the console."""

import pytest
from django.contrib.auth import get_user_model

from tests.console.console import Console, create_user


@pytest.fixture
def console(db: None) -> Console:
    """The console as ana sees it, who may register, see all machine clients, and stop them."""
    rights = ("add_machineclient", "view_machineclient", "access_all_clients", "disable_client")
    return Console(create_user("ana", *rights))


@pytest.fixture
def admin_console(db: None) -> Console:
    """The console as a superuser sees it."""
    return Console(get_user_model().objects.create_superuser("root"))
