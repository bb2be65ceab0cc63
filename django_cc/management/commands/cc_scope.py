"""`manage.py cc_scope`: what APIs offer."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.apis.scope_editing import (
    create_scope,
    delete_scope,
    find_scope,
    update_scope,
)
from django_cc.authorization_server.audit.trail import Actor
from django_cc.management.api_report import list_scopes
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.validation_errors import explain
from django_cc.models import API

_RESTRICTED = "In the console it takes the right grant_restricted_scope to give it to a client."


class Command(DatabaseCommand):
    """Creates, changes, deletes and lists scopes."""

    help = (
        'Create, change, delete and list the scopes of APIs. Those of DJANGO_CC["APIS"] are '
        "changed there, and by “migrate”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = self._add(actions, "create", "Have an API offer one more scope.")
        create.add_argument("--description", default="", help="What it allows.")
        create.add_argument("--restricted", action="store_true", help=_RESTRICTED)
        update = self._add(actions, "update", "Describe a scope anew; its name stays.")
        update.add_argument("--description", help="What it allows.")
        update.add_argument("--restricted", action=BooleanOptionalAction, help=_RESTRICTED)
        self._add(actions, "delete", "Delete a scope that no client holds.")
        text = "List scopes, and how many machine clients hold each."
        listing = actions.add_parser("list", help=text, description=text)
        self._add_shared(listing, api_required=False)

    def _add(self, actions: Any, name: str, text: str) -> ArgumentParser:
        action: ArgumentParser = actions.add_parser(name, help=text, description=text)
        action.add_argument("name", metavar="NAME", help="As tokens carry it: orders:read.")
        self._add_shared(action, api_required=True)
        return action

    @staticmethod
    def _add_shared(action: ArgumentParser, *, api_required: bool) -> None:
        action.add_argument(
            "--api", metavar="IDENTIFIER", required=api_required, help="The API that offers it."
        )
        action.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        try:
            api = None if options["api"] is None else find_api(options["api"])
            if api is None or options["action"] == "list":
                self._list(api, as_json=options["json"])
                return
            self._change(api, options, self.get_actor(f"cc_scope {options['action']}"))
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _change(self, api: API, options: dict[str, Any], actor: Actor) -> None:
        name, action = options["name"], options["action"]
        changed = True
        if action == "create":
            texts = {key: options[key] for key in ("description", "restricted")}
            create_scope(api, name, actor, **texts)
        elif action == "update":
            changed = update_scope(find_scope(api, name), actor, **self._read_update(options))
        else:
            delete_scope(find_scope(api, name), actor)
        result = {"api": api.identifier, "name": name, "changed": changed}
        words = f"is {action}d" if changed else "was so already"
        text = f"The scope {name} at {api.identifier} {words}."
        self.stdout.write(json.dumps(result) if options["json"] else text)

    @staticmethod
    def _read_update(options: dict[str, Any]) -> dict[str, Any]:
        given = {key: options[key] for key in ("description", "restricted")}
        new = {key: value for key, value in given.items() if value is not None}
        if not new:
            raise CommandError("Say what changes: --description, --restricted, --no-restricted.")
        return new

    def _list(self, api: API | None, *, as_json: bool) -> None:
        scopes = list_scopes(api)
        if as_json:
            self.stdout.write(json.dumps(scopes))
            return
        for scope in scopes:
            name = f"{scope['api']}  {scope['name']}"
            restricted = "restricted  " if scope["restricted"] else ""
            holders = f"{scope['clients']} holding it"
            self.stdout.write(f"{name}  {holders}  {restricted}{scope['description']}")
        if not scopes:
            self.stdout.write("No scopes yet: cc_scope create adds one.")
