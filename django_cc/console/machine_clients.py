"""Machine clients in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from django_cc.console.client_display import ClientDisplay
from django_cc.console.registration_pages import RegistrationPages
from django_cc.console.state_pages import StatePages
from django_cc.models import APIAccess, MachineClient


class EnabledFilter(admin.SimpleListFilter):
    """Enabled or disabled."""

    title = _("enabled or disabled")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [("enabled", _("Enabled")), ("disabled", _("Disabled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Keep the chosen ones."""
        if self.value() in {"enabled", "disabled"}:
            return queryset.filter(disabled_at__isnull=self.value() == "enabled")
        return queryset


class MachineClientAdmin(ClientDisplay, RegistrationPages, StatePages):
    """The console of machine clients. It parses, calls one function of the server, and renders."""

    list_display = ["name_and_id", "status_badge", "apis", "owner", "secret_expires"]
    list_filter = [EnabledFilter, ("access__scope__api", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["application", "owner"]
    list_per_page = 50
    ordering = ["name", "pk"]
    actions = None
    change_list_template = "django_cc/machine_client_list.html"
    add_form_template = "django_cc/register.html"
    change_form_template = "django_cc/machine_client.html"

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MachineClient]:
        """Fetch what the pages show in a fixed number of queries."""
        rows = super().get_queryset(request).select_related("application", "owner")
        access = APIAccess.objects.select_related("scope__api")
        return rows.prefetch_related("secrets", "keys", Prefetch("access", queryset=access))

    def get_search_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002 - Django's
        """Search names, client IDs and owners, whatever the project calls a user's name."""
        username = get_user_model().USERNAME_FIELD
        return ["name", "description", "application__client_id", f"owner__{username}"]

    def get_fieldsets(self, request: HttpRequest, obj: MachineClient | None = None) -> Any:  # noqa: ARG002
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

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nothing is edited in place; what can be done has a page of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
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
        """Show a client."""
        context = {**(extra_context or {}), "may_disable": self.has_disable_permission(request)}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages for what can be done to a client."""
        pages = {
            "disable": self.disable_view,
            "enable": self.enable_view,
            "replace_secret": require_POST(self.replace_secret_view),
        }
        own = [
            path(
                f"<int:pk>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(page),
                name=f"django_cc_machineclient_{name}",
            )
            for name, page in pages.items()
        ]
        return [*own, *super().get_urls()]
