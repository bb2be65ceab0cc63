"""Machine clients in the admin: the list, the registration, and the tabs of one client."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.console.clients.client_page import ClientPage, Tab
from django_cc.console.clients.columns import ClientDisplay
from django_cc.console.clients.filters import EnabledFilter
from django_cc.console.clients.pages import ACTS, TABS
from django_cc.console.clients.registration_pages import RegistrationPages
from django_cc.console.clients.scope_filter import ScopeFilter
from django_cc.console.site.links import client_url
from django_cc.console.site.pages import Crumb
from django_cc.console.site.rights import Right, may, select_visible
from django_cc.models import APIAccess, MachineClient


@dataclass(frozen=True, slots=True)
class TabLink:
    """One entry of the navigation of a client."""

    title: Any  # a lazy translation
    url: str
    is_current: bool


class MachineClientAdmin(ClientDisplay, RegistrationPages):
    """The console of machine clients. It parses, calls one function of the server, and renders."""

    list_display = ["name_and_id", "status_badge", "apis", "owner", "secret_expires"]
    list_filter = [
        EnabledFilter,
        ("access__scope__api", admin.RelatedOnlyFieldListFilter),
        ScopeFilter,
    ]
    list_select_related = ["application", "owner"]
    list_per_page = 50
    ordering = ["name", "pk"]
    actions = None
    change_list_template = "django_cc/clients/list.html"
    add_form_template = "django_cc/clients/register.html"
    change_form_template = "django_cc/clients/overview.html"

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    @cached_property
    def tabs(self) -> list[Tab]:
        """The tabs beside the overview."""
        return [tab(self) for tab in TABS]

    @cached_property
    def acts(self) -> list[ClientPage]:
        """The pages for what can be done to a client."""
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
        return rows.select_related("application", "owner").prefetch_related(
            "secrets", "keys", Prefetch("access", queryset=access)
        )

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search names, client IDs and owners, whatever the project calls a user's name."""
        username = get_user_model().USERNAME_FIELD
        return ["name", "description", "application__client_id", f"owner__{username}"]

    def get_fieldsets(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Return the form of the registration, or the facts about a client."""
        if obj is None:
            about = ["name", "description", "registration_key"]
            return [
                (None, {"fields": about}),
                (_("API access"), {"fields": ["scopes"]}),
                (_("Client secret"), {"fields": ["secret_expires"]}),
            ]
        state = [] if obj.is_enabled else ["disabled", "disabled_by", "disabled_reason"]
        about = ["name", "client_id", "status_badge", *state, "expires", "description", "owner"]
        return [
            (None, {"fields": about}),
            (_("API access"), {"fields": ["api_access"]}),
            (_("Credentials"), {"fields": ["secret_list"]}),
            (_("Registration"), {"fields": ["registered", "registered_by"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:
        """Show a registered client without letting it be edited in place."""
        if obj is None:
            return []
        fieldsets = self.get_fieldsets(request, obj)
        return [name for _title, options in fieldsets for name in options["fields"]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited in place; what can be done has a page of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A client is disabled, not deleted."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List clients."""
        context = {**(extra_context or {}), "title": gettext("Machine clients")}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the overview of a client."""
        client = self.get_object(request, object_id)
        if client is None or not self.has_view_permission(request, client):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            **(extra_context or {}),
            "tabs": self.list_tabs(request, client, current="change"),
            "crumbs": self._list_crumbs(request, client),
            "may_disable": may(request.user, Right.DISABLE_CLIENT),
        }
        return super().change_view(request, object_id, form_url, context)

    def _list_crumbs(self, request: HttpRequest, client: MachineClient) -> list[Crumb]:
        return ClientPage(self).list_crumbs(request, client=client)[:-1]
