"""Write audit events as text for other programs: JSON lines and CSV."""

import csv
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from io import StringIO

from django_cc.authorization_server.audit.trail import describe
from django_cc.models import AuditEvent

# A spreadsheet takes a cell that begins so for a formula and computes it. The last four are
# what it makes of full-width characters.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportFormat(StrEnum):
    """What an export looks like."""

    JSONL = "jsonl"
    CSV = "csv"


def write_events(events: Iterable[AuditEvent], wanted: ExportFormat) -> Iterator[str]:
    """Return the export piece by piece, each event's with its line end; CSV has a header first.

    The fields are those of `trail.describe()`. In CSV, None is empty, and a cell that a
    spreadsheet would compute has an apostrophe before it; JSON has every text as it is.
    """
    return _write_csv(events) if wanted is ExportFormat.CSV else _write_jsonl(events)


def _write_jsonl(events: Iterable[AuditEvent]) -> Iterator[str]:
    for event in events:
        yield json.dumps(describe(event)) + "\n"


def _write_csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    yield _write_row(list(describe(AuditEvent())))
    for event in events:
        yield _write_row([_defuse(text or "") for text in describe(event).values()])


def _write_row(cells: list[str]) -> str:
    row = StringIO(newline="")
    csv.writer(row).writerow(cells)  # RFC 4180: lines end in CR LF
    return row.getvalue()


def _defuse(cell: str) -> str:
    # Where lists are separated by semicolons, each part of a cell may become one.
    parts = cell.split(";")
    return ";".join(f"'{part}" if part.startswith(_FORMULA_STARTS) else part for part in parts)
