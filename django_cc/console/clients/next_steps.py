"""Where to go from a page that handed over credentials."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext

from django_cc.console.clients.client_page import ClientPage
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right, may
from django_cc.models import MachineClient


@dataclass(frozen=True, slots=True)
class NextStep:
    """A link to another page."""

    title: str
    url: str


def list_next_steps(
    page: ClientPage, request: HttpRequest, client: MachineClient
) -> list[NextStep]:
    """Return what this user may do next: try the client, and look at it."""
    steps = []
    if may(request.user, Right.VIEW_CLIENT):
        seen = {tab.name for tab in page.model_admin.tabs if tab.may_see(request)}
        if "try" in seen:
            url = client_url(request, "try", client.pk)
            steps.append(NextStep(gettext("Send a test request"), url))
        title = gettext("Open “%(name)s”") % {"name": client.name}
        steps.append(NextStep(title, client_url(request, "change", client.pk)))
    return steps
