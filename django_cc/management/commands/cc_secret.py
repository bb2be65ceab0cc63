"""`manage.py cc_secret`: create, rotate, change, revoke and list client secrets."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.credentials import describe_credentials, describe_start
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.clients.secrets import (
    NewSecret,
    create_secret,
    default_expiry,
    find_secret,
    revoke_secret,
    rotate_secret,
    update_secret,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.durations import read_duration
from django_cc.management.secret_report import (
    MOVES,
    describe_end_of,
    describe_secrets,
    write_end_of,
    write_secret,
)
from django_cc.management.validation_errors import explain
from django_cc.models import ClientSecret


class Command(DatabaseCommand):
    """Manages the secrets of one machine client; a new secret is printed once."""

    help = (
        "Create, rotate, change, revoke and list the secrets of a machine client. A new secret is "
        "printed once and cannot be recovered; the others are named by their last four characters."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        create = self._add(actions, "create", "Add a secret; those there are go on working.")
        create.add_argument("--note", default="", help="Where it is kept. Never the secret.")
        self._add_lifetime(create)
        rotate = self._add(actions, "rotate", "Put a new secret in the place of an old one.")
        self._add_ending(rotate, required=False)
        rotate.add_argument(
            "--overlap",
            type=read_duration,
            metavar="DURATION",
            help="How long the old one works on: 24h, 7d; 0 revokes it at once. Without: "
            "ROTATION_OVERLAP.",
        )
        self._add_lifetime(rotate)
        update = self._add(actions, "update", "Change the note of a secret, or when it ends.")
        self._add_ending(update, required=False)
        update.add_argument("--note", help="Where it is kept. Never the secret.")
        self._add_lifetime(update)
        revoke = self._add(actions, "revoke", "End a secret for good.")
        self._add_ending(revoke, required=True)
        revoke.add_argument("--reason", default="", help="Kept in the audit trail.")
        listing = self._add(actions, "list", "List the secrets by their visible ends.")
        listing.epilog = f"In the JSON {MOVES}"

    @staticmethod
    def _add(actions: Any, name: str, text: str) -> ArgumentParser:
        parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
        parser.add_argument("client_id", metavar="CLIENT_ID")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return parser

    @staticmethod
    def _add_ending(parser: ArgumentParser, *, required: bool) -> None:
        rule = "" if required else " Not needed where one is live."
        parser.add_argument(
            "--secret",
            required=required,
            metavar="ENDING",
            help=f"The last four characters of the secret.{rule}",
        )

    @staticmethod
    def _add_lifetime(parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expires-in",
            type=read_duration,
            metavar="DURATION",
            help="When it ends, from now: 90d. Without: SECRET_MAX_AGE, or as it was.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        action = getattr(self, f"_{options['action']}")
        try:
            action(options, self.get_actor(f"cc_secret {options['action']}"))
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _create(self, options: dict[str, Any], actor: Actor) -> None:
        client = find_client(options["client_id"])
        end = _read_end(options, otherwise=default_expiry())
        self._show_new(options, create_secret(client, actor, expires_at=end, note=options["note"]))

    def _rotate(self, options: dict[str, Any], actor: Actor) -> None:
        overlap, old = options["overlap"], _find(options)
        new = rotate_secret(
            old,
            actor,
            overlap=get_settings().rotation_overlap if overlap is None else overlap,
            expires_at=_read_end(options, otherwise=default_expiry()),
        )
        old.refresh_from_db()
        self._show_new(options, new, replaced=old)

    def _update(self, options: dict[str, Any], actor: Actor) -> None:
        secret = _find(options)
        note = secret.note if options["note"] is None else options["note"]
        end = _read_end(options, otherwise=secret.expires_at)
        update_secret(secret, actor, note=note, expires_at=end)
        self._report(options, f"{secret} is changed.", changed=True)

    def _revoke(self, options: dict[str, Any], actor: Actor) -> None:
        secret = _find(options)
        changed = revoke_secret(secret, actor, reason=options["reason"])
        text = f"{secret} is revoked." if changed else f"{secret} was revoked already."
        self._report(options, text, changed=changed)

    def _list(self, options: dict[str, Any], _actor: Actor) -> None:
        secrets = describe_secrets(find_client(options["client_id"]))
        if options["json"]:
            self.stdout.write(json.dumps(secrets))
            return
        for secret in secrets:
            for line in write_secret(secret):
                self.stdout.write(line)
        self.stdout.write(
            "Use is known up to a minute and a half late."
            if secrets
            else "This client has no secret: cc_secret create makes one."
        )

    def _show_new(
        self, options: dict[str, Any], new: NewSecret, *, replaced: ClientSecret | None = None
    ) -> None:
        credentials = describe_credentials(new).to_json()
        if replaced is not None:
            credentials |= describe_end_of(replaced)
        if options["json"]:
            self.stdout.write(json.dumps(credentials))
            return
        self.stdout.write(f"client_id      {credentials['client_id']}")
        self.stdout.write(f"client_secret  {credentials['client_secret']}")
        self.stdout.write(
            f"The client secret is shown only now and cannot be recovered. {describe_start()}"
        )
        if replaced is not None:
            self.stdout.write(write_end_of(replaced))

    def _report(self, options: dict[str, Any], text: str, *, changed: bool) -> None:
        result = {"client_id": options["client_id"], "changed": changed}
        self.stdout.write(json.dumps(result) if options["json"] else text)


def _find(options: dict[str, Any]) -> ClientSecret:
    client = find_client(options["client_id"])
    try:
        return find_secret(client, options["secret"])
    except ValidationError as error:
        raise CommandError(f"--secret: {' '.join(error.messages)}") from None


def _read_end(options: dict[str, Any], *, otherwise: datetime | None) -> datetime | None:
    duration = options["expires_in"]
    return otherwise if duration is None else timezone.now() + duration
