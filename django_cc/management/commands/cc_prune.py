"""`manage.py cc_prune`: remove what is too old to be of use."""

import json
import time
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.pruning import PRUNABLES, count_prunable, prune
from django_cc.management.counts import read_count
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.interruption import noticing_interruption

_BATCH_SIZE = 500
_LARGEST_BATCH = 10_000  # SQLite takes 32,766 values in a statement
_SECONDS_BETWEEN_WORDS = {True: 1.0, False: 10.0}  # on a terminal, in a log


class Command(DatabaseCommand):
    """Prunes tables that grow."""

    help = (
        "Remove what is too old to be of use: revoked tokens and used assertions that have "
        "expired, dead client secrets and keys (PAST_SECRETS_KEPT), usage "
        "figures (USAGE_KEPT_FOR) and audit events (AUDIT_KEPT_FOR). It may be interrupted, "
        "repeated, and run beside the servers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "--dry-run", action="store_true", help="Count what would go, and remove nothing."
        )
        parser.add_argument(
            "--batch-size",
            type=read_count(most=_LARGEST_BATCH),
            default=_BATCH_SIZE,
            metavar="N",
            help=f"Remove so many rows in one transaction (default {_BATCH_SIZE}).",
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count or prune, then say how many rows of each kind."""
        if options["dry_run"]:
            self._tell(count_prunable(), options, finished=False)
            return
        with noticing_interruption() as interruption:
            progress = _Progress(self)

            def go_on(name: str, count: int) -> bool:
                progress.note(name, count)
                return interruption.signal is None

            removed = prune(
                self.get_actor("cc_prune"), batch_size=options["batch_size"], go_on=go_on
            )
        self._tell(removed, options, finished=interruption.signal is None)
        if interruption.signal is not None:
            raise CommandError(
                "Interrupted: what is listed is removed. Run cc_prune again for the rest.",
                returncode=128 + interruption.signal,  # as shells have it
            )

    def _tell(self, counts: Mapping[str, int], options: dict[str, Any], *, finished: bool) -> None:
        if options["json"]:
            result = {"dry_run": options["dry_run"], "finished": finished, "rows": counts}
            self.stdout.write(json.dumps(result))
            return
        what = "to remove" if options["dry_run"] else "removed"
        width = max(len(one.name) for one in PRUNABLES)
        for name, count in counts.items():
            self.stdout.write(f"{name:<{width}}  {count:>11,} {what}")


class _Progress:
    """Says now and then how far it is."""

    def __init__(self, command: Command) -> None:
        self._stream = command.stderr
        self._pause = _SECONDS_BETWEEN_WORDS[self._stream.isatty()]
        self._said_at = time.monotonic()

    def note(self, name: str, count: int) -> None:
        if count and time.monotonic() - self._said_at >= self._pause:
            self._stream.write(f"{name}: {count:,} removed so far", style_func=str)  # not in red
            self._said_at = time.monotonic()
