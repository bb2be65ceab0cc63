"""`manage.py cc_signing_key`: the keys that sign access tokens."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.management.database_command import DatabaseCommand


class Command(DatabaseCommand):
    """Manages signing keys."""

    help = "Manage the keys that sign access tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        ensure = actions.add_parser(
            "ensure",
            help="Make the first signing key where there is none; safe to repeat and to run "
            "from several processes.",
        )
        ensure.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the one action there is."""
        try:
            key, is_new = ensure_signing_key(self.get_actor("cc_signing_key ensure"))
        except EncryptionKeyError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            result = {"kid": key.kid, "algorithm": key.algorithm, "created": is_new}
            self.stdout.write(json.dumps(result))
        else:
            what = "Created" if is_new else "There is already"
            self.stdout.write(f"{what} the signing key {key.kid} ({key.algorithm}).")
