"""The audit trail in the admin: read by those who may, changed by nobody."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.refusals.foreign_secrets import ALIKE, cover_foreign
from django_cc.console.site.guarded_list import GuardedList
from django_cc.console.site.rights import Right, find_sight, may, select_visible
from django_cc.console.site.times import format_time
from django_cc.models import AuditEvent, MachineClient

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[AuditEvent]
    _Paginator = Paginator[AuditEvent]
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone
    _Paginator = Paginator

MOST_LISTED = 10_000


_COVERED = {"reason", "detail"}
_ALIKE = ("reason__in", ",".join(sorted(ALIKE)))


class BoundedPaginator(_Paginator):
    """Pages through the newest events; a trail of millions is never counted."""

    @cached_property
    def count(self) -> int:
        """The number of events, at most `MOST_LISTED`."""
        rows: Any = self.object_list
        return int(rows[:MOST_LISTED].count())


class AuditEventAdmin(GuardedList, _ModelAdmin):
    """The console of the audit trail.

    Without the right to access all clients one sees the events of those one sees, and none of
    APIs, keys and unknown callers.
    """

    list_display = [
        "when",
        "event",
        "result",
        "reason_and_detail",
        "quoted",
        "client",
        "actor_and_address",
    ]
    list_display_links = ["when"]
    list_filter = ["event", "result", "actor_kind"]
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    sortable_by = ["when"]  # no other column has an index to sort by
    date_hierarchy = "time"
    linked_lookups = frozenset({"reason", "reason__in", "time__gte"})  # of the dashboard
    search_fields = ["client_id__exact", "reference__exact"]
    actions = None
    change_list_template = "django_cc/audit/list.html"
    fields = readonly_fields = (
        "when",
        "event",
        "result",
        "actor_kind",
        "actor",
        "client",
        "reason",
        "explanation",
        "detail",
        "address",
        "reference",
    )

    class Media:
        css = {"all": ["django_cc/console.css"]}
        js = ["django_cc/console.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the events the user may see, each with the key of a client that can be opened."""
        rows: QuerySet[AuditEvent] = super().get_queryset(request)
        visible = select_visible(MachineClient.objects.all(), request.user)
        if not may(request.user, Right.ACCESS_ALL_CLIENTS):
            rows = rows.filter(client_id__in=visible.values("application__client_id"))
        concerned = visible.filter(application__client_id=OuterRef("client_id"))
        found = Subquery(concerned.values("pk")[:1])
        may_open = may(request.user, Right.VIEW_CLIENT)
        return rows.annotate(
            client_pk=found if may_open else Value(None, output_field=BigIntegerField())
        )

    def lookup_allowed(self, lookup: str, value: str, request: Any) -> bool:
        """Refuse to search for what is covered: whoever finds it by its words would know it."""
        tells_nothing = (lookup, value) == _ALIKE or (lookup == "reason" and value not in ALIKE)
        is_covered = lookup.partition("__")[0] in _COVERED and not _sees_all(request)
        if is_covered and not tells_nothing:
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, with other clients' secrets kept from who does not see them."""
        if request.GET.get("reason") in ALIKE and not _sees_all(request):
            wanted: Any = request.GET.copy()
            del wanted["reason"]
            wanted.appendlist(*_ALIKE)
            request.GET = wanted
        changes = super().get_changelist_instance(request)
        cover_foreign(changes.result_list, find_sight(request.user))
        return changes

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEvent | None:
        """Return the event, likewise."""
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            cover_foreign([event], find_sight(request.user))
        return event

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Find a reference also where the words around it were copied along."""
        term = search_term.strip().strip("()").removeprefix("reference").strip()
        return super().get_search_results(request, queryset, term)

    @admin.display(description=_("time"), ordering="time")
    def when(self, event: AuditEvent) -> SafeString:
        """Return the time as every page writes it; to the second as a tool tip."""
        exact = timezone.localtime(event.time).isoformat(" ", timespec="seconds")
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            event.time.isoformat(),
            exact,
            format_time(event.time),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List events, and lead to where a pasted text is identified."""
        offered = {"may_identify": may(request.user, Right.VIEW_CLIENT)}
        return super().changelist_view(request, offered | (extra_context or {}))

    @admin.display(description=_("actor"))
    def actor_and_address(self, event: AuditEvent) -> SafeString | str:
        """Return who did it, and from where as far as that is known."""
        is_itself = event.actor_kind == AuditEvent.ActorKind.CLIENT
        # The column beside it says which.
        actor = event.get_actor_kind_display() if is_itself else event.actor
        if not event.address:
            return actor
        return format_html('{}<br><span dir="ltr">{}</span>', actor, event.address)

    @admin.display(description=_("reference"))
    def quoted(self, event: AuditEvent) -> SafeString | str:
        """Return what the answer quoted."""
        if not event.reference:
            return ""
        return format_html(
            '<code class="cc-id" dir="ltr" translate="no">{}</code>', event.reference
        )

    @admin.display(description=_("reason"))
    def reason_and_detail(self, event: AuditEvent) -> SafeString:
        """Return why, and what was done or wrong in particular."""
        told = [(text,) for text in (event.reason, event.detail) if text]
        return format_html_join(mark_safe("<br>"), "{}", told)

    @admin.display(description=_("machine client"))
    def client(self, event: Any) -> SafeString | str:
        """Return the name the client had, with the way to it while it is there, and its ID."""
        if not event.client_id:
            return ""
        name: SafeString | str = event.client_name
        if event.client_pk is not None:
            page = "admin:django_cc_machineclient_change"
            url = reverse(page, args=[event.client_pk], current_app=self.admin_site.name)
            name = format_html('<a href="{}">{}</a>', url, name or event.client_id)
        text = '{}<br><code class="cc-id" dir="ltr" translate="no">{}</code>'
        return format_html(text, name, event.client_id)

    @admin.display(description=_("what it means"))
    def explanation(self, event: AuditEvent) -> str:
        """Return why the request was refused and what to do, in a sentence."""
        is_refusal = event.event == AuditEvent.Event.TOKEN_REFUSED
        return explain_refusal(event.reason) if is_refusal else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Events are recorded by what they tell of."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The trail is append-only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`cc_prune` alone removes events, by age."""
        return False


def _sees_all(request: HttpRequest) -> bool:
    return may(request.user, Right.ACCESS_ALL_CLIENTS)
