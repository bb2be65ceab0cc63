"""What happened to a machine client: what people did, and why its requests were refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.audit.search import EventSearch, search_events
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.refusals.foreign_secrets import cover_foreign
from django_cc.authorization_server.sight import Sight
from django_cc.console.clients.client_page import Tab
from django_cc.console.site.rights import Right, find_sight, may
from django_cc.console.site.times import format_time
from django_cc.models import AuditEvent, MachineClient

PER_PAGE: Final = 50
MOST_PAGES: Final = 200  # a page further back is slow; the audit list finds older events by date

_REFUSALS: Final = Q(event=AuditEvent.Event.TOKEN_REFUSED)
_DENIALS: Final = Q(event=AuditEvent.Event.ACTION_DENIED)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of events to look at alone.

    Attributes:
        name: its value in the address.
        title: for people.
        condition: which events.
        is_open: whether it takes no more than to see the client.
    """

    name: str
    title: Any  # a lazy translation
    condition: Q
    is_open: bool = False


KINDS: Final = (
    Kind("all", _("Everything"), Q()),
    Kind("refused", _("Refused requests"), _REFUSALS, is_open=True),
    Kind("changes", _("Changes"), ~_REFUSALS & ~_DENIALS),
    Kind("denied", _("Denied actions"), _DENIALS),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with what it means."""

    event: AuditEvent
    time: str
    explanation: str


class ActivityTab(Tab):
    """The events of a client, newest first.

    Its refused requests belong to whoever sees the client, as nobody else can mend the program.
    What people did, and from where, is the audit trail: that takes the right to view it.
    """

    name = "activity"
    route = "<int:pk>/activity/"
    title = _("Activity")
    template = "django_cc/clients/activity.html"

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show a page of events."""
        client: MachineClient = arguments["client"]
        kinds = _list_kinds(request)
        chosen = next((kind for kind in kinds if kind.name == request.GET.get("kind")), kinds[0])
        page = _read_page(request.GET.get("page", ""))
        entries = _read_entries(client, chosen, page, find_sight(request.user))
        return self.show(
            request,
            client,
            kinds=kinds,
            chosen=chosen,
            entries=entries[:PER_PAGE],
            newer=page - 1,
            older=page + 1 if len(entries) > PER_PAGE and page < MOST_PAGES else None,
            sees_everything=may(request.user, Right.VIEW_EVENTS),
        )


def _list_kinds(request: HttpRequest) -> list[Kind]:
    sees_everything = may(request.user, Right.VIEW_EVENTS)
    return [kind for kind in KINDS if kind.is_open or sees_everything]


def _read_page(text: str) -> int:
    known = {str(number): number for number in range(1, MOST_PAGES + 1)}
    return known.get(text, 1)


def _read_entries(client: MachineClient, kind: Kind, page: int, sight: Sight) -> Sequence[Entry]:
    found = search_events(EventSearch(client_id=client.client_id)).filter(kind.condition)
    first = (page - 1) * PER_PAGE
    events = list(found[first : first + PER_PAGE + 1])
    cover_foreign(events, sight)
    return [
        Entry(event, format_time(event.time), explain_refusal(event.reason)) for event in events
    ]
