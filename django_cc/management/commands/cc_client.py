"""`manage.py cc_client`: register, change and stop machine clients."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server.apis.scope_choice import choose_scopes, find_api
from django_cc.authorization_server.clients.credentials import (
    describe_credentials,
    describe_key_credentials,
    describe_start,
)
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.editing import update_client
from django_cc.authorization_server.clients.lookup import find_client, find_group, find_owner
from django_cc.authorization_server.clients.registration import (
    Registration,
    register_client,
    register_client_awaiting_credentials,
    register_client_with_keys,
)
from django_cc.authorization_server.clients.secrets import default_expiry
from django_cc.authorization_server.clients.state import disable_client, enable_client
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signing_keys.life_cycle import has_signing_key
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.authorization_server.usage.figures import read_usage
from django_cc.management.authentication_options import (
    add_authentication,
    change_by_options,
    read_keys,
)
from django_cc.management.client_changes import (
    add_change_options,
    add_lifetime_option,
    read_changes,
)
from django_cc.management.client_report import (
    describe_client,
    describe_usage,
    get_reportable_clients,
)
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.jwks_uri_options import require_readable_jwks_uri
from django_cc.management.kill_report import KillReport
from django_cc.management.limit_options import add_limit_options, read_limits
from django_cc.management.moments import read_past_moment
from django_cc.management.terminal import make_printable
from django_cc.management.validation_errors import explain
from django_cc.models import MachineClient, Scope


class Command(DatabaseCommand):
    """Registers, changes, lists, shows, disables, enables and deletes machine clients."""

    help = "Register, change, list, show, disable, enable and delete machine clients."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._add_create(actions)
        update = self._add(actions, "update", "Change a client; what is not given stays as it is.")
        add_change_options(update)
        text = "Stop a client: no new tokens, and those it has die."
        disable = self._add(actions, "disable", text)
        disable.add_argument("--reason", default="", help="Kept in the audit trail.")
        self._add_json(actions.add_parser("list", help="List all clients."))
        self._add(actions, "show", "Show one client; never its secrets.")
        enable = self._add(actions, "enable", "Let a disabled client get tokens again.")
        enable.add_argument("--reason", default="", help="Kept in the audit trail.")
        text = "Remove a disabled client for good; the audit trail keeps its name."
        delete = self._add(actions, "delete", text)
        delete.add_argument("--reason", default="", help="Kept in the audit trail.")
        text = "Count the tokens a client got and the requests of it that were refused, by hour."
        usage = self._add(actions, "usage", text)
        usage.add_argument(
            "--since",
            type=read_past_moment,
            default="24h",
            metavar="TIME",
            help="From when on: 7d for seven days ago, or 2027-01-31T18:00. Without: 24h.",
        )

    def _add_create(self, actions: Any) -> None:
        create = actions.add_parser("create", help="Register a client; prints its secret once.")
        create.add_argument("name", help="What it is and where it runs.")
        create.add_argument(
            "--scope",
            action="append",
            default=[],
            metavar="SCOPE",
            help="What it may do; several names in quotes, or the option several times.",
        )
        create.add_argument(
            "--without-access",
            action="store_true",
            help="It may do nothing yet: for one that only introspects, or gets scopes later.",
        )
        create.add_argument(
            "--api", metavar="IDENTIFIER", help="The API that offers the scopes, if several do."
        )
        create.add_argument(
            "--default-api",
            metavar="IDENTIFIER",
            help="Of several APIs, the one a token is for when the request does not say.",
        )
        create.add_argument("--description", default="", help="What it does, whom to call.")
        create.add_argument("--owner", metavar="USERNAME", help="Who manages it.")
        create.add_argument("--group", metavar="NAME", help="Whose members manage it too.")
        create.add_argument(
            "--no-secret",
            action="store_true",
            help="Without a secret: whoever manages it makes one later, by cc_secret or in the "
            "console.",
        )
        add_lifetime_option(create)
        add_limit_options(create)
        add_authentication(create)
        self._add_json(create)

    def _add(self, actions: Any, name: str, text: str) -> ArgumentParser:
        action: ArgumentParser = actions.add_parser(name, help=text, description=text)
        action.add_argument("client_id", metavar="CLIENT_ID")
        self._add_json(action)
        return action

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    @staticmethod
    def _add_json(parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def _create(self, options: dict[str, Any]) -> None:
        default_api, owner, group = (options[key] for key in ("default_api", "owner", "group"))
        lifetime = options["expires_in"]
        registration = Registration(
            name=options["name"],
            description=options["description"],
            scopes=_choose_scopes(options),
            default_api=find_api(default_api) if default_api else None,
            secret_expires_at=default_expiry(),
            owner=find_owner(owner) if owner is not None else None,
            owning_group=find_group(group) if group is not None else None,
            expires_at=None if lifetime is None else timezone.now() + lifetime,
            jwks_uri=options["jwks_uri"] or "",
            **read_limits(options),
        )
        keys, actor = read_keys(options), self.get_actor("cc_client create")
        if keys is not None:
            require_readable_jwks_uri(options)
            client = register_client_with_keys(registration, keys, actor)
            has_keys = keys or client.jwks_uri
            advice = "" if has_keys else "It has no key yet: cc_client_key add registers one."
            self._show_new(client, describe_key_credentials(client), advice, options)
            return
        if options["no_secret"]:
            client = register_client_awaiting_credentials(registration, actor)
            advice = "It has no secret yet: cc_secret create makes one."
            self._show_new(client, describe_key_credentials(client), advice, options)
            return
        new = register_client(registration, actor)
        advice = f"The client secret is shown only now and cannot be recovered. {describe_start()}"
        self._show_new(new.client, describe_credentials(new).to_json(), advice, options)

    def _show_new(
        self,
        client: MachineClient,
        credentials: dict[str, Any],
        advice: str,
        options: dict[str, Any],
    ) -> None:
        self._warn_without_signing_key()
        if options["json"]:
            self.stdout.write(json.dumps(credentials))
            return
        width = max(18, *map(len, credentials))
        for name, value in credentials.items():
            if name != "type":
                shown = " ".join(value) if isinstance(value, list) else value
                self.stdout.write(f"  {name:<{width}} {shown or '-'}")
        if advice:
            self.stdout.write(advice)
        # Last, and after the secret: a terminal may be unable to write the name.
        self.stdout.write(f"Registered “{client.name}”.")

    def _warn_without_signing_key(self) -> None:
        if not has_signing_key():
            hint = "There is no signing key yet: run “manage.py cc_signing_key ensure”."
            self.stderr.write(self.style.WARNING(hint))

    def _list(self, options: dict[str, Any]) -> None:
        clients = [describe_client(client) for client in get_reportable_clients()]
        if options["json"]:
            self.stdout.write(json.dumps(clients))
            return
        for client in clients:
            name = make_printable(client["name"])
            used = client["last_used_at"] or "never used"
            self.stdout.write(f"{client['client_id']}  {client['status']:<20}  {used:<25}  {name}")
        if not clients:
            self.stdout.write("No machine clients yet: cc_client create registers one.")

    def _show(self, options: dict[str, Any]) -> None:
        pk = find_client(options["client_id"]).pk
        client = describe_client(get_reportable_clients().get(pk=pk))
        if options["json"]:
            self.stdout.write(json.dumps(client))
            return
        access = client.pop("access")
        width = max(map(len, client))
        for name, value in client.items():
            text = " ".join(map(str, value)) if isinstance(value, list) else value
            shown = make_printable(str(text)) if text not in {None, ""} else "-"
            self.stdout.write(f"{name:<{width}}  {shown}")
        for identifier, names in access.items():
            self.stdout.write(f"{'access':<{width}}  {identifier}  {' '.join(names)}")

    def _update(self, options: dict[str, Any]) -> None:
        client, actor = find_client(options["client_id"]), self.get_actor("cc_client update")
        require_readable_jwks_uri(options)
        with transaction.atomic(using=get_database()):
            edit = update_client(
                client, read_changes(options), actor, expected_version=options["if_version"]
            )
            changed = list(edit.changed)
            if change_by_options(client, options, actor):
                changed.append("authentication")
        version = find_client(options["client_id"]).version
        if options["json"]:
            result = {"client_id": options["client_id"], "version": version, "changed": changed}
            self.stdout.write(json.dumps(result))
        elif changed:
            self.stdout.write(f"Changed {', '.join(changed)}: now at version {version}.")
        else:
            self.stdout.write(f"Nothing to change: still at version {version}.")

    def _usage(self, options: dict[str, Any]) -> None:
        client, since = find_client(options["client_id"]), options["since"]
        usage = describe_usage(read_usage(client, since=since, until=timezone.now()), since=since)
        if options["json"]:
            self.stdout.write(json.dumps(usage))
            return
        for hour in usage["hours"]:
            issued = ", ".join(f"{count} for {api}" for api, count in hour["issued"].items())
            refused = ", ".join(f"{count} {reason}" for reason, count in hour["refused"].items())
            line = f"{hour['hour']}  issued {issued or 0}"
            self.stdout.write(f"{line}  refused {refused}" if refused else line)
        since_when = write_timestamp(since)
        total = f"{usage['issued']} issued and {usage['refused']} refused since {since_when}."
        self.stdout.write(f"{total} The last ten seconds may be missing.")

    def _delete(self, options: dict[str, Any]) -> None:
        client, actor = find_client(options["client_id"]), self.get_actor("cc_client delete")
        delete_client(client, actor, reason=options["reason"])
        self._report(options, "deleted", changed=True)

    def _disable(self, options: dict[str, Any]) -> None:
        client = find_client(options["client_id"])
        actor = self.get_actor("cc_client disable")
        changed = disable_client(client, actor, reason=options["reason"])
        self._report(options, "disabled", changed=changed, kill=KillReport.of(client))

    def _enable(self, options: dict[str, Any]) -> None:
        client = find_client(options["client_id"])
        actor = self.get_actor("cc_client enable")
        changed = enable_client(client, actor, reason=options["reason"])
        self._report(options, "enabled", changed=changed)

    def _report(
        self, options: dict[str, Any], state: str, *, changed: bool, kill: KillReport | None = None
    ) -> None:
        when = kill if changed else None
        if options["json"]:
            result = {"client_id": options["client_id"], "state": state, "changed": changed}
            self.stdout.write(json.dumps(result | (when.to_json() if when else {})))
            return
        text = f"is {state}" if changed else f"was {state} already"
        self.stdout.write(f"Client {options['client_id']} {text}.")
        if when:
            self.stdout.write(str(when))


def _choose_scopes(options: dict[str, Any]) -> list[Scope]:
    names = " ".join(options["scope"]).split()
    if bool(names) == options["without_access"]:
        raise CommandError("Give either --scope with what it may do, or --without-access.")
    return choose_scopes(names, api_identifier=options["api"]) if names else []
