"""Scopes in the admin: a list for search; they are edited on the page of their API."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.console.catalogue.client_counts import SCOPE_FILTER, count_visible, link_count
from django_cc.console.site.guarded_list import GuardedList
from django_cc.console.site.links import console_url
from django_cc.console.site.rights import Right, may
from django_cc.models import Scope

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Scope]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class ScopeAdmin(GuardedList, _ModelAdmin):
    """Answers who holds what."""

    list_filter = ["restricted", "api"]
    list_select_related = ["api"]
    list_per_page = 50
    ordering = ["api__name", "name", "pk"]
    search_fields = ["name", "description", "api__name", "api__identifier"]
    fields = ("api", "name", "description", "restricted")
    actions = None
    change_list_template = "django_cc/catalogue/scope_list.html"

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scope]:
        """Return the scopes with how many clients hold each, in one query."""
        rows: QuerySet[Scope] = super().get_queryset(request)
        return rows.annotate(client_count=count_visible(request, "access__client"))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Count clients for those who may look at clients."""
        clients = ["clients"] if may(request.user, Right.VIEW_CLIENT) else []
        return ["name_code", "api", "description", "restricted_badge", *clients]

    @admin.display(description=_("name"), ordering="name")
    def name_code(self, scope: Scope) -> SafeString:
        """Return the name as tokens carry it."""
        return format_html('<code dir="ltr" translate="no">{}</code>', scope.name)

    @admin.display(description=_("restricted"), ordering="restricted")
    def restricted_badge(self, scope: Scope) -> SafeString | str:
        """Return a badge where it takes a right of its own to give it."""
        if not scope.restricted:
            return ""
        return format_html('<span class="cc-badge">{}</span>', gettext("Restricted"))

    @admin.display(description=_("who has it"), ordering="client_count")
    def clients(self, scope: Any) -> SafeString | str:
        """Return how many hold it, with the way to them."""
        return link_count(scope.client_count, self.admin_site.name, SCOPE_FILTER, scope.pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List scopes."""
        titled = {"title": gettext("Scopes: permissions an API offers")}
        return super().changelist_view(request, titled | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the API, where it is edited; show it to those who may not see APIs."""
        request.current_app = self.admin_site.name
        scope = self.get_object(request, object_id)
        may_go = may(request.user, Right.VIEW_API) and self.has_view_permission(request, scope)
        if scope is None or not may_go or request.method == "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        url = console_url(request, "django_cc_api_change", scope.api_id)
        return HttpResponseRedirect(url)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leave it to the page of the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave it to the page of the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave it to the page of the API."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the right of its own; who may change scopes finds them in their API."""
        return may(request.user, Right.VIEW_SCOPE)
