"""The audit trail in the admin: read by those who may, changed by nobody."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from django_cc.models import AuditEvent

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[AuditEvent]
    _Paginator = Paginator[AuditEvent]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone
    _Paginator = Paginator

MOST_LISTED = 10_000


class BoundedPaginator(_Paginator):
    """Pages through the newest events; a trail of millions is never counted."""

    @cached_property
    def count(self) -> int:
        """The number of events, at most `MOST_LISTED`."""
        rows: Any = self.object_list
        return int(rows[:MOST_LISTED].count())


class AuditEventAdmin(_ModelAdmin):
    """The console of the audit trail."""

    list_display = [
        "time",
        "event",
        "result",
        "actor",
        "client",
        "reason",
        "detail",
        "address",
        "reference",
    ]
    list_display_links = ["time"]
    list_filter = ["event", "result", "actor_kind"]
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    sortable_by = ["time"]  # no other column has an index to sort by
    date_hierarchy = "time"
    search_fields = ["client_id__exact", "reference__exact"]
    search_help_text = _("A whole client ID or a whole reference.")
    actions = None
    fields = readonly_fields = (
        "time",
        "event",
        "result",
        "actor_kind",
        "actor",
        "client_id",
        "client_name",
        "reason",
        "detail",
        "address",
        "reference",
    )

    @admin.display(description=_("machine client"))
    def client(self, event: AuditEvent) -> SafeString | str:
        """Return the name the client had, and its client ID."""
        if not event.client_id:
            return ""
        return format_html("{}<br><code>{}</code>", event.client_name, event.client_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Events are recorded by what they tell of."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The trail is append-only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`cc_prune` alone removes events, by age."""
        return False
