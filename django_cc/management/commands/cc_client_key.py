"""`manage.py cc_client_key`: add, remove, list and fetch the public keys of a machine client."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.jwks_uri import read_published_keys
from django_cc.authorization_server.clients.keys import add_key, find_key, revoke_key
from django_cc.authorization_server.clients.lookup import find_client
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.durations import read_duration
from django_cc.management.jwk_files import read_jwk
from django_cc.management.terminal import make_printable
from django_cc.management.validation_errors import explain
from django_cc.models import ClientKey


class Command(DatabaseCommand):
    """Manages the public keys by which one machine client authenticates (private_key_jwt)."""

    help = (
        "Add, remove, list and fetch the public keys of a client that authenticates by JWTs it "
        "signs (private_key_jwt). The private halves stay with the client."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        add = self._add(actions, "add", "Add a public key; those there go on working.")
        add.add_argument(
            "--jwk",
            type=read_jwk,
            required=True,
            metavar="FILE",
            help="The public key as a JWK, or in PEM (RSA: as a JWK, which says alg); - reads "
            "standard input. Without a kid in it, its thumbprint (RFC 7638) is its name.",
        )
        add.add_argument("--note", default="", help="Where the private half is kept.")
        add.add_argument(
            "--expires-in",
            type=read_duration,
            metavar="DURATION",
            help="When it ends, from now: 90d. Without: never.",
        )
        remove = self._add(actions, "remove", "Remove a key for good; it verifies nothing more.")
        remove.add_argument(
            "--kid",
            required=True,
            help="Which one: its key ID. Where it begins with a hyphen: --kid=-abc.",
        )
        remove.add_argument("--reason", default="", help="Kept in the audit trail.")
        self._add(actions, "list", "List the keys of a client, the removed ones too.")
        text = "Read the URL at which a client publishes keys, and list those that can be used."
        self._add(actions, "fetch", text)

    @staticmethod
    def _add(actions: Any, name: str, text: str) -> ArgumentParser:
        action: ArgumentParser = actions.add_parser(name, help=text, description=text)
        action.add_argument("client_id", metavar="CLIENT_ID")
        action.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return action

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        action = getattr(self, f"_{options['action']}_key")
        try:
            action(options, self.get_actor(f"cc_client_key {options['action']}"))
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _add_key(self, options: dict[str, Any], actor: Actor) -> None:
        client, lifetime = find_client(options["client_id"]), options["expires_in"]
        expires_at = None if lifetime is None else timezone.now() + lifetime
        key = add_key(client, options["jwk"], actor, note=options["note"], expires_at=expires_at)
        if options["json"]:
            self.stdout.write(json.dumps({"client_id": client.client_id, **_describe(key)}))
            return
        self.stdout.write(f"Added the {key.algorithm} key {key.kid}.")
        if client.authentication != client.Authentication.PRIVATE_KEY_JWT:
            self.stdout.write(
                "The client does not authenticate by keys yet: cc_client update --auth-method "
                "private_key_jwt changes that."
            )

    def _remove_key(self, options: dict[str, Any], actor: Actor) -> None:
        key = find_key(find_client(options["client_id"]), options["kid"])
        changed = revoke_key(key, actor, reason=options["reason"])
        if options["json"]:
            result = {"client_id": options["client_id"], "kid": key.kid, "changed": changed}
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(f"{key.kid} is removed." if changed else f"{key.kid} was already.")

    def _list_key(self, options: dict[str, Any], _actor: Actor) -> None:
        client = find_client(options["client_id"])
        keys = [_describe(key) for key in client.keys.order_by("created_at", "pk")]
        if options["json"]:
            self.stdout.write(json.dumps(keys))
            return
        for key in keys:
            end = key["revoked_at"] or key["expires_at"] or "never"
            used = key["last_used_at"] or "never"
            line = f"{key['kid']}  {key['algorithm']}  {key['state']:<8} ends {end}"
            note = make_printable(key["note"] or "")
            self.stdout.write(f"{line}  last used {used}  {note}".rstrip())
        if client.jwks_uri:
            self.stdout.write(f"Others are published at {client.jwks_uri}")
        elif not keys:
            self.stdout.write("This client has no key: cc_client_key add registers one.")

    def _fetch_key(self, options: dict[str, Any], _actor: Actor) -> None:
        client = find_client(options["client_id"])
        if not client.jwks_uri:
            raise CommandError("This client publishes no keys: cc_client update --jwks-uri.")
        keys = read_published_keys(client.jwks_uri)
        if options["json"]:
            found = [{"kid": kid, "algorithm": algorithm} for kid, algorithm in keys.items()]
            self.stdout.write(json.dumps(found))
            return
        for kid, algorithm in keys.items():
            self.stdout.write(f"{make_printable(kid)}  {algorithm}")


def _describe(key: ClientKey) -> dict[str, str | None]:
    state = "live" if key.is_live(timezone.now()) else "expired"
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": "removed" if key.revoked_at else state,
        "note": key.note,
        "created_at": write_timestamp(key.created_at),
        "created_by": key.created_by,
        "expires_at": write_timestamp(key.expires_at),
        "revoked_at": write_timestamp(key.revoked_at),
        "last_used_at": write_timestamp(key.last_used_at),
        "last_used_address": key.last_used_address,
    }
