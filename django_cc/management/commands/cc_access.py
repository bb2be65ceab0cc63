"""`manage.py cc_access`: which scopes a machine client holds."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.clients.access import (
    find_held_scopes,
    grant_access,
    revoke_access,
)
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.validation_errors import explain
from django_cc.models import API, MachineClient, Scope


class Command(DatabaseCommand):
    """Grants, revokes and lists API access."""

    help = "Grant scopes to a machine client, take them away, and list what it holds."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        texts = {
            "grant": "Let a client use more scopes; tokens it has stay as they are.",
            "revoke": "Take scopes away, and kill every token the client has.",
            "list": "List what a client holds.",
        }
        for name, text in texts.items():
            action = actions.add_parser(name, help=text, description=text)
            action.add_argument("client_id", metavar="CLIENT_ID")
            action.add_argument("--json", action="store_true", help="Print the result as JSON.")
            if name != "list":
                action.add_argument(
                    "--scope",
                    action="append",
                    required=True,
                    metavar="SCOPE",
                    help="Several names in quotes, or the option several times.",
                )
                action.add_argument(
                    "--api", metavar="IDENTIFIER", help="The API that is meant, if several fit."
                )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action, then say what the client holds."""
        try:
            client = find_client(options["client_id"])
            if options["action"] != "list":
                self._change(client, options)
        except ValidationError as error:
            raise CommandError(explain(error)) from None
        self._list(client, as_json=options["json"])

    def _change(self, client: MachineClient, options: dict[str, Any]) -> None:
        names, api = " ".join(options["scope"]).split(), options["api"]
        actor = self.get_actor(f"cc_access {options['action']}")
        if options["action"] == "grant":
            grant_access(client, choose_scopes(names, api_identifier=api), actor)
            self._warn_of_several_apis(client)
        else:
            revoke_access(client, find_held_scopes(client, names, api), actor)

    def _warn_of_several_apis(self, client: MachineClient) -> None:
        apis = API.objects.filter(scopes__access__client=client, built_in=False).distinct()
        if client.default_api_id is None and apis.count() > 1:
            self.stderr.write(
                self.style.WARNING(
                    "It has access to several APIs and no default: a request that names neither "
                    "scope nor resource is refused. “cc_client update --default-api” sets one."
                )
            )

    def _list(self, client: MachineClient, *, as_json: bool) -> None:
        scopes = Scope.objects.filter(access__client=client).select_related("api")
        held: dict[str, list[str]] = {}
        for scope in scopes.order_by("api__identifier", "name"):
            held.setdefault(scope.api.identifier, []).append(scope.name)
        if as_json:
            self.stdout.write(json.dumps(held))
            return
        for identifier, names in held.items():
            self.stdout.write(f"{identifier}  {' '.join(names)}")
        if not held:
            self.stdout.write("This client holds nothing: cc_access grant gives it scopes.")
