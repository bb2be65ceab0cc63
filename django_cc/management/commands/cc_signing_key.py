"""`manage.py cc_signing_key`: the keys that sign access tokens."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.compromise import replace_compromised_keys
from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.jwk_set import write_jwk_set
from django_cc.authorization_server.signing_keys.key_ring import NoSigningKeyError
from django_cc.authorization_server.signing_keys.life_cycle import (
    KeyChangeRefused,
    KeysComeFromSettings,
)
from django_cc.authorization_server.signing_keys.retirement import retire_key
from django_cc.authorization_server.signing_keys.rewrapping import rewrap_keys
from django_cc.authorization_server.signing_keys.rotation import (
    Upkeep,
    ensure_signing_key,
    rotate_if_due,
    rotate_signing_key,
)
from django_cc.authorization_server.signing_keys.schedule import (
    JWK_SET_MAX_AGE,
    get_ready_at,
    is_due,
)
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.key_report import describe_key, describe_keys, write_table
from django_cc.models import SigningKey

_REFUSALS = (KeyChangeRefused, EncryptionKeyError, NoSigningKeyError, SnapshotTooOldError)
_CACHED = int(JWK_SET_MAX_AGE.total_seconds())
_EARLY = f"APIs with an older copy of the JWK Set refuse new tokens for up to {_CACHED} seconds."


class Command(DatabaseCommand):
    """Manages signing keys."""

    help = (
        "Manage the keys that sign access tokens. A key is Next (published, not signing yet), then "
        "Current (signs), then Retiring (only verifies, until its last token has expired), then "
        "Retired (unpublished, private half destroyed)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._add(
            actions,
            "ensure",
            "Make the Current and the Next key where they are missing; safe to repeat and to run "
            "from several processes.",
        )
        self._add(actions, "list", "List the keys, in the order of their lives.")
        self._add_rotate(actions)
        retire = self._add(
            actions, "retire", "Unpublish a key that signs no more, and destroy its private half."
        )
        retire.add_argument("kid", metavar="KID", help="Which; write -- before one that has -.")
        retire.add_argument(
            "--force", action="store_true", help="Although tokens that it signed may still live."
        )
        self._add_reason(retire)
        self._add_compromise(actions)
        self._add(
            actions,
            "rewrap",
            "Encrypt all private halves with the first of KEY_ENCRYPTION_KEYS. Then the others can "
            "be taken out of the setting.",
        )
        self._add(actions, "jwks", "Print the JWK Set exactly as it is published.")

    def _add_rotate(self, actions: Any) -> None:
        rotate = self._add(
            actions, "rotate", "Have the Next key sign, and the Current one verify only."
        )
        when = rotate.add_mutually_exclusive_group()
        when.add_argument(
            "--if-due",
            action="store_true",
            help="For cron: rotate only where the Current key is older than SIGNING_KEY_ROTATION "
            "and the Next one is ready; retire what has ended; make a missing Next key.",
        )
        when.add_argument(
            "--now", action="store_true", help=f"Do not wait for NEXT_KEY_LEAD. {_EARLY}"
        )

    def _add_compromise(self, actions: Any) -> None:
        compromise = self._add(
            actions,
            "compromise",
            "Kill every live token but those of Retiring keys: discard the Current and the Next "
            "key and make new ones. Works without the encryption key of the old ones.",
        )
        compromise.add_argument(
            "--all",
            action="store_true",
            help="Discard Retiring keys and those of other algorithms too: where the database and "
            "an encryption key got into wrong hands. Change KEY_ENCRYPTION_KEYS first.",
        )
        compromise.add_argument(
            "--reason", required=True, type=_read_reason, help="Kept in the audit trail."
        )

    @staticmethod
    def _add(actions: Any, name: str, text: str) -> ArgumentParser:
        parser: ArgumentParser = actions.add_parser(name, help=text, description=text)
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return parser

    @staticmethod
    def _add_reason(parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="Kept in the audit trail.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        action = getattr(self, f"_{options['action']}")
        try:
            action(options, self.get_actor(f"cc_signing_key {options['action']}"))
        except _REFUSALS as error:
            raise CommandError(str(error)) from None

    def _ensure(self, options: dict[str, Any], actor: Actor) -> None:
        try:
            key, is_new = ensure_signing_key(actor)
        except KeysComeFromSettings as error:
            self._print(options, {"source": "settings", "created": False}, [str(error)])
            return
        result = {"kid": key.kid, "algorithm": key.algorithm, "created": is_new}
        what = "Created" if is_new else "There is already"
        self._print(options, result, [f"{what} the signing key {key.kid} ({key.algorithm})."])

    def _list(self, options: dict[str, Any], _actor: Actor) -> None:
        keys = describe_keys()
        lines = write_table(keys) or ["There is no key: cc_signing_key ensure makes one."]
        self._print(options, keys, lines)

    def _rotate(self, options: dict[str, Any], actor: Actor) -> None:
        if options["if_due"]:
            upkeep = rotate_if_due(actor)
        else:
            upkeep = rotate_signing_key(actor, skip_wait=options["now"])
        lines = [*_tell_upkeep(upkeep)]
        if options["now"]:
            lines.append(_EARLY)
        self._print(options, _describe_upkeep(upkeep), lines)

    def _retire(self, options: dict[str, Any], actor: Actor) -> None:
        force, reason = options["force"], options["reason"]
        key = retire_key(options["kid"], actor, force=force, reason=reason)
        text = f"{key.kid} is retired."
        if key.state == SigningKey.State.RETIRING:
            until = write_timestamp(key.verifies_until)
            text = f"{key.kid} signs no more and verifies until {until}: retire it after that."
        self._print(options, describe_key(key), [text])

    def _compromise(self, options: dict[str, Any], actor: Actor) -> None:
        done = replace_compromised_keys(actor, everything=options["all"], reason=options["reason"])
        seconds = int(get_settings().propagation_seconds.total_seconds())
        lines = [
            *(f"Discarded {key.kid} ({key.algorithm})." for key in done.discarded),
            f"{done.current.kid} ({done.current.algorithm}) signs now.",
            f"All tokens signed with a discarded key are refused here within {seconds} seconds, by "
            "APIs that check offline once they refresh their key list: up to 5 minutes, up to an "
            "hour if they cannot reach it.",
        ]
        if done.kept:
            lines.append(
                f"Older keys that go on verifying: {done.kept}. Where the database and an "
                "encryption key got into wrong hands, change the encryption key and run "
                "“cc_signing_key compromise --all”."
            )
        result = {
            "current": describe_key(done.current),
            "next": describe_key(done.upcoming),
            "discarded": [key.kid for key in done.discarded],
            "kept": done.kept,
        }
        self._print(options, result, lines)

    def _rewrap(self, options: dict[str, Any], actor: Actor) -> None:
        number = rewrap_keys(actor)
        text = f"Encrypted {number} private keys with the first of KEY_ENCRYPTION_KEYS."
        self._print(options, {"rewrapped": number}, [text])

    def _jwks(self, _options: dict[str, Any], _actor: Actor) -> None:
        self.stdout.write(write_jwk_set(get_snapshot_for_verification()).decode())

    def _print(self, options: dict[str, Any], result: object, lines: Iterable[str]) -> None:
        self.stdout.write(json.dumps(result) if options["json"] else "\n".join(lines))


def _read_reason(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("say why")
    return text


def _describe_upkeep(upkeep: Upkeep) -> dict[str, Any]:
    return {
        "rotated": upkeep.replaced is not None,
        "current": describe_key(upkeep.current),
        "next": describe_key(upkeep.upcoming),
        "ended": [describe_key(key) for key in upkeep.ended],
    }


def _tell_upkeep(upkeep: Upkeep) -> Iterable[str]:
    for key in upkeep.ended:
        until = write_timestamp(key.verifies_until)
        gone = key.state == SigningKey.State.RETIRED
        yield f"{key.kid} is retired." if gone else f"{key.kid} verifies until {until}."
    ready_at = write_timestamp(get_ready_at(upkeep.upcoming))
    if upkeep.replaced is None:
        why = "The Next key is not ready" if is_due(upkeep.current) else "Not due"
        yield f"{why}: {upkeep.current.kid} signs on. The Next key may sign from {ready_at}."
        return
    until = write_timestamp(upkeep.replaced.verifies_until)
    yield f"{upkeep.current.kid} signs now."
    yield f"{upkeep.replaced.kid} only verifies, until {until}."
    yield f"{upkeep.upcoming.kid} is the Next key; it may sign from {ready_at}."
