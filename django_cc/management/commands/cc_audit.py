"""`manage.py cc_audit`: who did what, and why a request was refused."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_cc.authorization_server.audit.export import ExportFormat, write_events
from django_cc.authorization_server.audit.search import EventSearch, search_events, stream_events
from django_cc.authorization_server.audit.trail import describe
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.management.counts import read_count
from django_cc.management.database_command import DatabaseCommand
from django_cc.management.event_report import list_events, tell_event
from django_cc.management.moments import read_past_moment
from django_cc.management.validation_errors import explain
from django_cc.models import AuditEvent

_PROGRESS_EVERY = 10_000
_MOST_LISTED = 100_000


class Command(DatabaseCommand):
    """Lists and exports the audit trail."""

    help = (
        "List and export the audit trail: who did what to which machine client, and why a "
        "request was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        text = "List events, newest first."
        listing = actions.add_parser("list", help=text, description=text)
        _add_filters(listing)
        listing.add_argument(
            "--reference",
            metavar="REFERENCE",
            help="The event whose reference an answer quoted, with the reason explained.",
        )
        listing.add_argument(
            "--limit",
            type=read_count(most=_MOST_LISTED),
            default=50,
            metavar="N",
            help="List at most so many (default 50).",
        )
        listing.add_argument("--json", action="store_true", help="Print the result as JSON.")
        text = "Write events for another program, oldest first, however many there are."
        export = actions.add_parser("export", help=text, description=text)
        _add_filters(export)
        export.add_argument(
            "--format",
            required=True,
            choices=list(ExportFormat),
            help="jsonl: a JSON object on each line; csv: with a header, safe for spreadsheets.",
        )
        export.add_argument(
            "--output",
            metavar="FILE",
            type=Path,
            help="A new file, which only you can read; otherwise standard output.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        search = EventSearch(
            since=options["since"],
            until=options["until"],
            client_id=options["client"],
            event=options["event"],
            result=options["result"],
            reference=options.get("reference"),
        )
        try:
            getattr(self, f"_{options['action']}")(search, options)
        except ValidationError as error:
            raise CommandError(explain(error)) from None

    def _list(self, search: EventSearch, options: dict[str, Any]) -> None:
        limit = options["limit"]
        found = list(search_events(search)[: limit + 1])
        events = found[:limit]
        if search.reference is not None and not events:
            raise CommandError(
                f"No event has the reference “{search.reference}”. What is refused very often is "
                "counted and not kept, and 503s are in the log only: look for the reference in "
                "the log of django_cc."
            )
        if options["json"]:
            self.stdout.write(json.dumps([_describe(event, search) for event in events]))
        elif search.reference is not None:
            self._write_lines(line for event in events for line in tell_event(event))
        elif events:
            self._write_lines(list_events(events))
        else:
            self.stdout.write("No event fits.")
        if len(found) > limit:
            self._say(f"There are more than {limit}: narrow the search or use --limit.")

    def _export(self, search: EventSearch, options: dict[str, Any]) -> None:
        events = self._count(stream_events(search))
        pieces = write_events(events, ExportFormat(options["format"]))
        if options["output"] is None:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        with _new_file(options["output"]) as file:
            file.writelines(pieces)
        self._say(f"Written to {options['output']}.")

    def _count(self, events: Iterable[AuditEvent]) -> Iterator[AuditEvent]:
        count = 0
        for count, event in enumerate(events, start=1):
            yield event
            if count % _PROGRESS_EVERY == 0:
                self._say(f"{count:,} events so far, up to {event.time:%Y-%m-%d %H:%M}")
        self._say(f"{count:,} events.")

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)  # no error: not in red

    def _write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _add_filters(parser: CommandParser) -> None:
    moment = "so long ago (24h, 7d), or a date or time in ISO 8601"
    parser.add_argument(
        "--since", type=read_past_moment, metavar="TIME", help=f"Not earlier than: {moment}."
    )
    parser.add_argument("--until", type=read_past_moment, metavar="TIME", help=f"Before: {moment}.")
    parser.add_argument("--client", metavar="CLIENT_ID", help="Of this client, also if deleted.")
    parser.add_argument(
        "--event", metavar="EVENT", help=f"One of: {', '.join(AuditEvent.Event.values)}."
    )
    parser.add_argument(
        "--result", choices=AuditEvent.Result.values, help="What was done, or what was refused."
    )


def _describe(event: AuditEvent, search: EventSearch) -> dict[str, str | None]:
    if search.reference is None:
        return describe(event)
    return {**describe(event), "explanation": explain_refusal(event.reason)}


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    """Open a file that is not there yet for its owner alone; remove it if it stays incomplete."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} exists already: name another file or remove it.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
