"""What every command that needs our tables has in common."""

import getpass
import os
import platform
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DriverError
from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from django.db.migrations.loader import MigrationLoader

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.models import MachineClient

with suppress(ImportError):  # there is none on Windows
    import pwd


class DatabaseCommand(BaseCommand):
    """A command that says what to do where the tables are missing.

    It runs without the system checks: a wrong setting elsewhere must not keep anybody from
    disabling a client.
    """

    requires_system_checks = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: our tables are not there yet or of older code, or the database cannot
                be reached.
        """
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError, InterfaceError) as error:
            if not self._has_tables():
                text = "The tables of django_cc are missing: run “manage.py migrate” first."
            elif _are_tables_older():
                why = " ".join(str(error).split())
                text = (
                    "The tables of django_cc are older than its code: run “manage.py migrate” "
                    f"first. {why}"
                )
            else:
                raise
            raise CommandError(text) from error

    @staticmethod
    def _has_tables() -> bool:
        try:
            tables = connections[get_database()].introspection.table_names()
        except DriverError as error:
            why = " ".join(str(error).split())
            text = f"The database cannot be reached, so nothing is certain to be done: {why}"
            raise CommandError(text) from None
        return MachineClient._meta.db_table in tables

    @staticmethod
    def get_actor(command: str) -> Actor:
        """Return who runs `command`: the account and the host, as far as they can be told."""
        behind = os.environ.get("SUDO_USER")
        account = f"{_find_account()} for {behind}" if behind else _find_account()
        return Actor.for_command(f"{command} ({account}@{platform.node()})")


def _are_tables_older() -> bool:
    loader = MigrationLoader(connections[get_database()])
    ours = {name for name in loader.graph.nodes if name[0] == MachineClient._meta.app_label}
    return not ours <= set(loader.applied_migrations)


def _find_account() -> str:
    # Of the process itself: LOGNAME and USER say what whoever called wants them to say.
    if not hasattr(os, "getuid"):
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # no such account, as in some containers
        return str(os.getuid())
