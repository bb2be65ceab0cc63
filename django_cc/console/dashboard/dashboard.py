"""The dashboard: how machine access is doing now."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.database import get_database, no_compilation
from django_cc.authorization_server.toolkit.machine_clients import select_unadopted
from django_cc.console.clients.adopt_page import AdoptPage
from django_cc.console.dashboard.facts import gather
from django_cc.console.site.guarded_list import GuardedList
from django_cc.console.site.pages import ConsolePage, Crumb
from django_cc.console.site.ranges import RANGES, find_range
from django_cc.console.site.rights import Right, may, select_visible
from django_cc.console.site.times import format_time
from django_cc.models import Dashboard, MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Dashboard]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone


class DashboardAdmin(GuardedList, _ModelAdmin):
    """A page of figures in the place of a list; there is nothing to add, change or delete."""

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    def get_urls(self) -> list[URLPattern]:
        """Have this page alone: the admin's own would show rows of figures of all clients."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the dashboard."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.current_app = self.admin_site.name
        sees_all = may(request.user, Right.ACCESS_ALL_CLIENTS)
        visible = select_visible(MachineClient.objects.all(), request.user)
        chosen, now = find_range(request.GET.get("range")), timezone.now()
        with no_compilation():
            facts = gather(visible, chosen, sees_all=sees_all, now=now)
        title = gettext("Issued and refused, last %(time)s") % {"time": chosen.title}
        return _DashboardPage(self).render(
            request,
            "django_cc/dashboard/dashboard.html",
            gettext("Dashboard"),
            facts=facts,
            chart=chosen.draw(list(facts.summary.stretches), title),
            ranges=RANGES,
            chosen=chosen,
            sees_all=sees_all,
            unadopted=select_unadopted(get_database()).count() if _may_adopt(request) else 0,
            may_list_clients=may(request.user, Right.VIEW_CLIENT),
            may_see_events=may(request.user, Right.VIEW_EVENTS),
            may_add_api=may(request.user, Right.ADD_API),
            may_create_key=may(request.user, Right.ROTATE_SIGNING_KEY),
            may_rotate=may(request.user, Right.ISSUE_CREDENTIAL),
            may_register=may(request.user, Right.REGISTER_CLIENT),
            now=format_time(now),
            **(extra_context or {}),
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the right of its own; it opens no row."""
        return obj is None and may(request.user, Right.VIEW_DASHBOARD)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Stand in the index for those who may see it."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Figures are counted, not typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Figures are counted, not typed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`cc_prune` alone removes figures, by age."""
        return False


def _may_adopt(request: HttpRequest) -> bool:
    return all(may(request.user, right) for right in AdoptPage.rights)


class _DashboardPage(ConsolePage):
    def list_crumbs(self, request: HttpRequest, **_context: Any) -> list[Crumb]:
        """Return the way to the dashboard, which is no list below anything."""
        return super().list_crumbs(request)[:1]
