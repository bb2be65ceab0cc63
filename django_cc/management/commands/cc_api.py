"""`manage.py cc_api`: the APIs that tokens are for."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.apis.api_editing import create_api, delete_api, update_api
from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.introspection import (
    allow_introspection,
    deny_introspection,
)
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.unchanged import UNCHANGED
from django_cc.management.api_report import list_apis
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.limit_options import (
    add_token_lifetime_changes,
    add_token_lifetime_option,
    read_token_lifetime_change,
)
from django_cc.management.validation_errors import explain


class Command(DatabaseCommand):
    """Creates, changes, deletes and lists APIs, and says who may introspect for them."""

    help = (
        'Create, change, delete and list APIs. Those of DJANGO_CC["APIS"] are changed there, and '
        "by “migrate”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = self._add(actions, "create", "Create an API; cc_scope create gives it scopes.")
        create.add_argument("--name", default="", help="For people. Without: the identifier.")
        add_token_lifetime_option(create)
        text = "Change an API's name or token lifetime; its identifier stays."
        update = self._add(actions, "update", text)
        update.add_argument("--name", help="For people.")
        add_token_lifetime_changes(update)
        self._add(actions, "delete", "Delete an API that no client uses, with its scopes.")
        texts = {
            "allow-introspection": "Let a client ask whether tokens for an API are good.",
            "deny-introspection": "Take that away from a client.",
        }
        for name, text in texts.items():
            introspection = self._add(actions, name, text)
            introspection.add_argument("client_id", metavar="CLIENT_ID", help="Who may ask.")
        text = "List all APIs, and how many machine clients hold scopes of each."
        listing = actions.add_parser("list", help=text, description=text)
        listing.add_argument("--json", action="store_true", help="Print the result as JSON.")

    @staticmethod
    def _add(actions: Any, name: str, text: str) -> ArgumentParser:
        action: ArgumentParser = actions.add_parser(name, help=text, description=text)
        action.add_argument(
            "identifier", metavar="IDENTIFIER", help="An absolute URI: the audience of its tokens."
        )
        action.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return action

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        if options["action"] == "list":
            self._list(as_json=options["json"])
            return
        try:
            actor = self.get_actor(f"cc_api {options['action']}")
            getattr(self, f"_{options['action'].replace('-', '_')}")(options, actor)
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _create(self, options: dict[str, Any], actor: Actor) -> None:
        lifetime = options["token_lifetime"]
        create_api(options["identifier"], actor, name=options["name"], token_lifetime=lifetime)
        self._report(options, "is created", changed=True)

    def _update(self, options: dict[str, Any], actor: Actor) -> None:
        changed = update_api(
            find_api(options["identifier"]),
            actor,
            name=UNCHANGED if options["name"] is None else options["name"],
            token_lifetime=read_token_lifetime_change(options),
        )
        self._report(options, "is changed" if changed else "was so already", changed=changed)

    def _delete(self, options: dict[str, Any], actor: Actor) -> None:
        delete_api(find_api(options["identifier"]), actor)
        self._report(options, "is deleted", changed=True)

    def _allow_introspection(self, options: dict[str, Any], actor: Actor) -> None:
        api, client = find_api(options["identifier"]), find_client(options["client_id"])
        changed = allow_introspection(api, client, actor)
        self._report(options, f"can be introspected by {client.client_id}", changed=changed)

    def _deny_introspection(self, options: dict[str, Any], actor: Actor) -> None:
        api, client = find_api(options["identifier"]), find_client(options["client_id"])
        changed = deny_introspection(api, client, actor)
        self._report(options, f"cannot be introspected by {client.client_id}", changed=changed)

    def _list(self, *, as_json: bool) -> None:
        apis = list_apis()
        if as_json:
            self.stdout.write(json.dumps(apis))
            return
        for api in apis:
            origin = "  from configuration" if api["from_configuration"] else ""
            origin = "  built in" if api["built_in"] else origin
            lifetime = api["token_lifetime"]
            lives = f"  tokens live {lifetime} s" if lifetime else ""
            used = f"{api['clients']} using it{lives}{origin}"
            self.stdout.write(f"{api['identifier']}  {api['name']}  {used}")
            self.stdout.write(f"    {' '.join(api['scopes']) or 'no scopes yet'}")
            if api["introspectors"]:
                self.stdout.write(f"    introspected by {' '.join(api['introspectors'])}")
        if not apis:
            self.stdout.write("No APIs yet: cc_api create adds one.")

    def _report(self, options: dict[str, Any], text: str, *, changed: bool) -> None:
        result = {"identifier": options["identifier"], "changed": changed}
        words = f"The API {options['identifier']} {text}."
        self.stdout.write(json.dumps(result) if options["json"] else words)
