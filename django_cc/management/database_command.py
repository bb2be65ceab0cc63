"""What every command that needs our tables has in common."""

import getpass
import os
import platform
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connections

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.models import MachineClient


class DatabaseCommand(BaseCommand):
    """A command that says what to do where the tables are missing.

    It runs without the system checks: a wrong setting elsewhere must not keep anybody from
    disabling a client.
    """

    requires_system_checks = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: our tables are not there yet.
        """
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError):
            if _has_tables():
                raise
            text = "The tables of django_cc are missing: run “manage.py migrate” first."
            raise CommandError(text) from None

    @staticmethod
    def get_actor(command: str) -> Actor:
        """Return who runs `command`: the account and the host, as far as they can be told."""
        try:
            account = getpass.getuser()
        except (OSError, KeyError):  # no such account, as in some containers
            account = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
        return Actor.for_command(f"{command} ({account}@{platform.node()})")


def _has_tables() -> bool:
    tables = connections[get_database()].introspection.table_names()
    return MachineClient._meta.db_table in tables
