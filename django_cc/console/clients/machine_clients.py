"""Machine clients in the admin: the list, the registration, and the tabs of one client."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from django_cc.console.clients.bulk_actions import ClientActions
from django_cc.console.clients.client_list import ClientList
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.overview_page import OverviewPage
from django_cc.console.clients.pages import ACTS, TABS
from django_cc.console.clients.registration_pages import RegistrationPages
from django_cc.console.site.links import client_url
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.rights import select_visible
from django_cc.models import APIAccess, MachineClient


@dataclass(frozen=True, slots=True)
class TabLink:
    """One entry of the navigation of a client."""

    title: Any  # a lazy translation
    url: str
    is_current: bool


class MachineClientAdmin(ClientActions, ClientList, OverviewPage, RegistrationPages):
    """The console of machine clients. It parses, calls one function of the server, and renders."""

    add_form_template = "django_cc/clients/register.html"

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    @cached_property
    def tabs(self) -> list[Tab]:
        """The tabs beside the overview."""
        return [tab(self) for tab in TABS]

    @cached_property
    def acts(self) -> list[ConsolePage]:
        """The pages for what can be done."""
        return [act(self) for act in ACTS]

    def list_tabs(
        self, request: HttpRequest, client: MachineClient, *, current: str
    ) -> list[TabLink]:
        """Return the navigation of a client as this user sees it."""
        overview = (_("Overview"), "change")
        seen = ((tab.title, tab.name) for tab in self.tabs if tab.may_see(request))
        return [
            TabLink(title, client_url(request, name, client.pk), name == current)
            for title, name in (overview, *seen)
        ]

    def get_urls(self) -> list[URLPattern]:
        """Add our pages to the admin's."""
        return [*(page.to_url() for page in (*self.tabs, *self.acts)), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MachineClient]:
        """Return what this user may see, with what the pages show in a fixed number of queries."""
        rows = select_visible(super().get_queryset(request), request.user)
        access = APIAccess.objects.select_related("scope__api")
        people = ("owner", "owning_group", "registered_by")
        return rows.select_related("application", *people).prefetch_related(
            "secrets", "keys", Prefetch("access", queryset=access)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave deletion to a page of our own: here for one that is disabled, nowhere in bulk."""
        return False
