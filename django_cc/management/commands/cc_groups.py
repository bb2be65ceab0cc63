"""`manage.py cc_groups`: groups for the people who run machine access."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.ready_groups import ReadyGroup, ensure_groups
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.validation_errors import explain


class Command(DatabaseCommand):
    """Makes the groups, and gives them what they lack."""

    help = (
        "Make the groups “Machine access: …” with their rights in the console: Developer, Access "
        "approver, On-call, Auditor, Key custodian, Admin. Safe to repeat: rights that you have "
        "added stay, and members are left alone. People of a group also need “staff status” to "
        "sign in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say what was done."""
        try:
            groups = ensure_groups()
        except ValidationError as error:
            raise CommandError(explain(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps([_to_json(group) for group in groups]))
            return
        for group in groups:
            self.stdout.write(f"{group.name}: {_tell(group)}")


def _to_json(group: ReadyGroup) -> dict[str, Any]:
    return {"name": group.name, "created": group.is_new, "added": list(group.added)}


def _tell(group: ReadyGroup) -> str:
    if group.is_new:
        return f"created with {', '.join(group.added)}"
    return f"given {', '.join(group.added)}" if group.added else "was so already"
