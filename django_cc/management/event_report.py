"""Audit events as people read them in a terminal."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from django_cc.authorization_server.audit.trail import describe
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.management.terminal import make_printable
from django_cc.models import AuditEvent

_HEADINGS = ("TIME", "EVENT", "RESULT", "CLIENT", "ACTOR", "REASON", "DETAIL", "REFERENCE")


def list_events(events: Sequence[AuditEvent]) -> Iterator[str]:
    """Return a line for each event, in aligned columns under their headings.

    Columns that are empty throughout are left out. Times are in `TIME_ZONE`, with its offset.
    """
    table = [_HEADINGS, *map(_list_cells, events)]
    columns = [column for column in zip(*table, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    for row in zip(*columns, strict=True):
        cells = (f"{cell or '-':<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def tell_event(event: AuditEvent) -> Iterator[str]:
    """Return all there is to one event, a line for each field, and why it was refused."""
    for name, value in describe(event).items():
        if value:
            yield f"{name:<12} {make_printable(value)}"
    explanation = explain_refusal(event.reason)
    if explanation:
        yield explanation


def _list_cells(event: AuditEvent) -> tuple[str, ...]:
    client = f"{event.client_id} ({event.client_name})" if event.client_id else ""
    cells = (
        timezone.localtime(event.time).isoformat(" ", timespec="seconds"),
        event.event,
        event.result,
        client,
        event.actor or event.actor_kind,
        event.reason,
        event.detail,
        event.reference,
    )
    return tuple(map(make_printable, cells))
