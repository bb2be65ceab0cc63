"""APIs in the admin: the services that accept tokens issued here."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.apis.api_editing import create_api, update_api
from django_cc.authorization_server.apis.scope_editing import (
    create_scope,
    delete_scope,
    update_scope,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import to_seconds
from django_cc.console.catalogue.api_forms import APIForm, ScopeInline, is_kept_here, to_lifetime
from django_cc.console.catalogue.api_pages import DeleteAPIPage, IntrospectionPage
from django_cc.console.catalogue.careful_form import CarefulAdmin
from django_cc.console.catalogue.client_counts import API_FILTER, count_visible, link_count
from django_cc.console.catalogue.token_checking import describe_checking
from django_cc.console.site.actors import get_actor
from django_cc.console.site.guarded_list import GuardedList
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.rights import Right, may
from django_cc.models import API, Scope

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[API]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class APIAdmin(CarefulAdmin, GuardedList, _ModelAdmin):
    """The console of APIs and, on the page of each, its scopes."""

    form = APIForm
    fields = ("name", "identifier", "token_lifetime")
    inlines = [ScopeInline]
    list_per_page = 50
    ordering = ["name", "pk"]
    search_fields = ["name", "identifier", "scopes__name"]
    actions = None
    change_list_template = "django_cc/catalogue/api_list.html"
    change_form_template = add_form_template = "django_cc/catalogue/api.html"

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    @cached_property
    def pages(self) -> list[ConsolePage]:
        """The pages beside the admin's."""
        return [DeleteAPIPage(self), IntrospectionPage(self)]

    def get_urls(self) -> list[URLPattern]:
        """Add our pages to the admin's, the deletion in the place of the admin's."""
        return [*(page.to_url() for page in self.pages), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[API]:
        """Return the APIs with what the list shows, in one query."""
        rows: QuerySet[API] = super().get_queryset(request)
        return rows.annotate(
            scope_count=Count("scopes", distinct=True),
            client_count=count_visible(request, "scopes__access__client"),
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        """Count clients for those who may look at clients."""
        clients = ["clients"] if may(request.user, Right.VIEW_CLIENT) else []
        return ["name", "identifier_code", "scopes", *clients, "lifetime", "origin"]

    @admin.display(description=_("identifier"), ordering="identifier")
    def identifier_code(self, api: API) -> SafeString:
        """Return the audience."""
        return format_html('<code dir="ltr" translate="no">{}</code>', api.identifier)

    @admin.display(description=_("scopes"), ordering="scope_count")
    def scopes(self, api: Any) -> int:
        """Return how many there are."""
        return int(api.scope_count)

    @admin.display(description=_("machine clients"), ordering="client_count")
    def clients(self, api: Any) -> SafeString | str:
        """Return how many hold a scope of it, with the way to them."""
        return link_count(api.client_count, self.admin_site.name, API_FILTER, api.pk)

    @admin.display(description=_("token lifetime"), ordering="token_lifetime")
    def lifetime(self, api: API) -> str:
        """Return how long its tokens live."""
        if api.token_lifetime is not None:
            return _write_seconds(api.token_lifetime)
        default = to_seconds(get_settings().token_lifetime) or 0
        return gettext("%(time)s, as in the settings") % {"time": _write_seconds(default)}

    @admin.display(description=_("origin"))
    def origin(self, api: API) -> SafeString | str:
        """Return a badge where it is not edited here."""
        if api.built_in:
            return format_html('<span class="cc-badge">{}</span>', gettext("Built in"))
        if api.from_configuration:
            return format_html('<span class="cc-badge">{}</span>', gettext("From configuration"))
        return gettext("Console or command")

    def get_readonly_fields(self, request: HttpRequest, obj: API | None = None) -> Any:
        """Keep the identifier: every token carries it."""
        return [] if obj is None else ["identifier"]

    def has_change_permission(self, request: HttpRequest, obj: API | None = None) -> bool:
        """Leave what is from configuration to the settings."""
        return super().has_change_permission(request, obj) and is_kept_here(obj)

    def has_delete_permission(self, request: HttpRequest, obj: API | None = None) -> bool:
        """Leave it to a page of our own, which says who uses it."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List APIs."""
        titled = {"title": gettext("APIs: services that accept tokens issued here")}
        return super().changelist_view(request, titled | (extra_context or {}))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Add an API with its first scopes."""
        titled = {"title": gettext("Add an API")}
        return super().add_view(request, form_url, titled | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show an API and how it checks tokens; edit what may be edited."""
        api = self.get_object(request, object_id)
        if api is None or not self.has_view_or_change_permission(request, api):
            return super().change_view(request, object_id, form_url, extra_context)
        context = {
            "title": api.name,
            "checking": describe_checking(api),
            "introspectors": api.introspectors.count(),
            "may_delete": may(request.user, Right.DELETE_API) and is_kept_here(api),
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: API, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Have the server do it."""
        typed, actor = form.cleaned_data, get_actor(request)
        lifetime = to_lifetime(typed["token_lifetime"])
        if change:
            update_api(obj, actor, name=typed["name"], token_lifetime=lifetime)
            return
        api = create_api(typed["identifier"], actor, name=typed["name"], token_lifetime=lifetime)
        obj.pk = api.pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Have the server do it; what it refuses undoes the whole page."""
        actor = get_actor(request)
        formset.save(commit=False)
        for scope in formset.deleted_objects:
            delete_scope(scope, actor)
        for scope, _fields in formset.changed_objects:
            update_scope(scope, actor, description=scope.description, restricted=scope.restricted)
        for scope in formset.new_objects:
            _create(scope, form.instance, actor)


def _create(scope: Scope, api: API, actor: Any) -> None:
    create_scope(api, scope.name, actor, description=scope.description, restricted=scope.restricted)


def _write_seconds(seconds: int) -> str:
    if seconds % 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
