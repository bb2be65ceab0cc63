"""`manage.py cc_token`: the tokens of a machine client."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.clients.state import revoke_tokens
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.kill_report import KillReport
from django_cc.management.validation_errors import explain
from django_cc.models import MachineClient
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME


class Command(DatabaseCommand):
    """Kills tokens."""

    help = "Revoke tokens of a machine client: all of them, or one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        text = (
            "Kill every token a client has, or one of them. It may get new ones: disable it to "
            "prevent that."
        )
        revoke = actions.add_parser("revoke", help=text, description=text)
        revoke.add_argument("client_id", metavar="CLIENT_ID")
        revoke.add_argument(
            "--jti", metavar="ID", help="Only the token of this ID, its claim jti; not the token."
        )
        revoke.add_argument("--reason", default="", help="Kept in the audit trail.")
        revoke.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the one action there is."""
        actor = self.get_actor("cc_token revoke")
        try:
            client = find_client(options["client_id"])
            if options["jti"] is None:
                revoke_tokens(client, actor, reason=options["reason"])
            else:
                self._revoke_one(client, options, actor)
        except ValidationError as error:
            raise CommandError(explain(error)) from None
        kill = KillReport.of(client)
        if options["json"]:
            result = {"client_id": client.client_id, "revoked": options["jti"] or "all"}
            self.stdout.write(json.dumps(result | kill.to_json()))
            return
        which = "All tokens" if options["jti"] is None else "One token"
        verb = "are" if options["jti"] is None else "is"
        self.stdout.write(f"{which} of {client.client_id} {verb} revoked.")
        self.stdout.write(str(kill))

    @staticmethod
    def _revoke_one(client: MachineClient, options: dict[str, Any], actor: Actor) -> None:
        end = timezone.now() + LONGEST_TOKEN_LIFETIME  # its own is not known here
        revoke_token(options["jti"], actor, expires_at=end, client=client, reason=options["reason"])
