"""Find events in the audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from django_cc.authorization_server.database import get_database
from django_cc.models import AuditEvent, MachineClient

_ROWS_AT_A_TIME = 2000
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class EventSearch:
    """What to look for; None leaves a question open.

    Attributes:
        since: the earliest time, aware.
        until: the time from which on events are left out, aware.
        client_id: of the machine client concerned, also of one that is deleted.
        event: what happened, a value of `AuditEvent.Event`.
        result: how it ended, a value of `AuditEvent.Result`.
        reference: what the answer to a refused request quoted.
    """

    since: datetime | None = None
    until: datetime | None = None
    client_id: str | None = None
    event: str | None = None
    result: str | None = None
    reference: str | None = None


def search_events(search: EventSearch) -> QuerySet[AuditEvent]:
    """Return the events that fit, newest first.

    Raises:
        ValidationError: the client ID is unknown to the trail and to the clients, the event is
            none there is, or no time lies between the two; the message lists what there is.
    """
    _require_event(search.event)
    _require_span(search.since, search.until)
    wanted = {
        "time__gte": search.since,
        "time__lt": search.until,
        "client_id": search.client_id,
        "event": search.event,
        "result": search.result,
        "reference": search.reference,
    }
    given = {lookup: value for lookup, value in wanted.items() if value is not None}
    if search.client_id is not None:
        _require_client(search.client_id)
    return _trail().filter(**given).order_by("-time", "-pk")


def stream_events(search: EventSearch) -> Iterator[AuditEvent]:
    """Return the events that fit one by one, oldest first, never all of them in memory.

    Raises:
        ValidationError: as `search_events()`, before the first event.
    """
    rows = search_events(search).order_by("time", "pk")
    return rows.iterator(chunk_size=_ROWS_AT_A_TIME)


def _trail() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.using(get_database())


def _require_event(event: str | None) -> None:
    if event is None or event in AuditEvent.Event.values:
        return
    problem = _("There is no event “%(event)s”. There are: %(events)s.")
    events = ", ".join(AuditEvent.Event.values)
    raise ValidationError(problem % {"event": event, "events": events})


def _require_span(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since >= until:
        raise ValidationError(_("The end must be later than the beginning."))


def _require_client(client_id: str) -> None:
    clients = MachineClient.objects.using(get_database())
    if clients.filter(application__client_id=client_id).exists():
        return
    if client_id and _trail().filter(client_id=client_id).exists():
        return
    problem = _("Neither an event nor a machine client has the client ID “%(id)s”. %(known)s")
    raise ValidationError(problem % {"id": client_id, "known": _list_clients(clients)})


def _list_clients(clients: QuerySet[MachineClient]) -> str:
    rows = clients.order_by("name", "pk").values_list("application__client_id", "name")
    named = [f"{client_id} ({name})" for client_id, name in rows[: _MOST_NAMED + 1]]
    if not named:
        return _("There is no machine client yet.")
    more = ", …" if len(named) > _MOST_NAMED else ""
    return _("There are: %(clients)s.") % {"clients": ", ".join(named[:_MOST_NAMED]) + more}
