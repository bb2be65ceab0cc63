"""`manage.py cc_token`: the tokens of a machine client."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.clients.state import revoke_tokens
from django_cc.management.database_command import DatabaseCommand


class Command(DatabaseCommand):
    """Kills tokens."""

    help = "Revoke all tokens of a machine client."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        text = "Kill every token a client has. It may get new ones: disable it to prevent that."
        revoke = actions.add_parser("revoke", help=text, description=text)
        revoke.add_argument("client_id", metavar="CLIENT_ID")
        revoke.add_argument("--reason", default="", help="Kept in the audit trail.")
        revoke.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the one action there is."""
        actor = self.get_actor("cc_token revoke")
        try:
            client = find_client(options["client_id"])
            revoke_tokens(client, actor, reason=options["reason"])
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        result = {"client_id": client.client_id, "revoked": "all"}
        text = f"All tokens of {client.client_id} are revoked."
        self.stdout.write(json.dumps(result) if options["json"] else text)
