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
    """A link to another page, and whether that one asks for a credential of the client."""

    title: str
    url: str
    takes_credential: bool = False


def list_next_steps(
    page: ClientPage, request: HttpRequest, client: MachineClient
) -> list[NextStep]:
    """Return what this user may do next: try the client, and look at it."""
    steps = []
    if may(request.user, Right.VIEW_CLIENT):
        answering = {tab.name for tab in page.model_admin.tabs if tab.may_post(request)}
        if "try" in answering:
            url = f"{client_url(request, 'try', client.pk)}#cc-test"
            steps.append(NextStep(gettext("Send a test request"), url, takes_credential=True))
        title = gettext("Open “%(name)s”") % {"name": client.name}
        steps.append(NextStep(title, client_url(request, "change", client.pk)))
    return steps
