"""The page for the second of two who edit the same machine client: nothing was saved."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from django_cc.authorization_server.clients.versions import find_last_edit
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.site.links import client_url
from django_cc.console.site.times import format_time
from django_cc.models import MachineClient


def tell_conflict(
    page: ClientPage,
    request: HttpRequest,
    client: MachineClient,
    typed: Sequence[tuple[Any, str]],
    *,
    tab: str,
) -> HttpResponse:
    """Answer 409 with who was faster, and with what was typed, so that nobody types it again.

    Args:
        page: where it was edited.
        request: what was submitted.
        client: as it is by now.
        typed: what was submitted, each with the label of its field.
        tab: the tab of the client that is to be read again.
    """
    event = find_last_edit(client)
    answer = page.render(
        request,
        "django_cc/clients/conflict.html",
        gettext("“%(name)s” was changed meanwhile") % {"name": client.name},
        client=client,
        event=event,
        changed_at=format_time(event.time) if event else "",
        typed=typed,
        reload=client_url(request, tab, client.pk),
    )
    answer.status_code = 409
    return answer
