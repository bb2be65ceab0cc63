"""The list of machine clients: columns, filters, search, and a fixed number of queries."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.contrib.admin.options import IS_FACETS_VAR, ShowFacets
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext

from django_cc.authorization_server.clients.expiry_query import (
    sort_by_last_expiry,
    sort_by_last_use,
)
from django_cc.authorization_server.clients.secret_format import holds_beginning
from django_cc.authorization_server.clients.status_query import rank_status
from django_cc.authorization_server.database import no_compilation
from django_cc.authorization_server.identification.texts import list_references
from django_cc.authorization_server.typed_secrets import holds_secret
from django_cc.authorization_server.usage.figures import DAY, sum_issued
from django_cc.console.clients.columns import ClientColumns
from django_cc.console.clients.filters import (
    APIFilter,
    AuthenticationFilter,
    CountedFilter,
    ExpiryFilter,
    ManagedByFilter,
    OwnerFilter,
    StatusFilter,
)
from django_cc.console.clients.scope_filter import ScopeFilter
from django_cc.console.site.links import client_url, find_add_api
from django_cc.console.site.rights import Right, may
from django_cc.models import API, MachineClient
from django_cc.protocol.secret_text import SecretText

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[MachineClient]
    _ChangeList = ChangeList
else:
    _ModelAdmin = admin.ModelAdmin  # generic in the stubs alone
    _ChangeList = ChangeList

MOST_COUNTED: Final = 10_000  # clients; above, filters count only when asked to

_SORT_BY: Final[Mapping[str, Callable[[], Any]]] = {
    "status": lambda: rank_status(now=timezone.now()),
    "owner_name": lambda: F(f"owner__{get_user_model().USERNAME_FIELD}"),
    "last_use": sort_by_last_use,
    "tokens": lambda: F("tokens_of_a_day"),
    "last_expiry": lambda: sort_by_last_expiry(now=timezone.now()),
}


class ClientChangeList(_ChangeList):
    """The admin's list, which counts for all filters with one query."""

    def __init__(self, request: HttpRequest, *arguments: Any, **options: Any) -> None:
        """Count where that is quick, and else when asked to."""
        self.request = request
        super().__init__(request, *arguments, **options)
        model_admin: Any = self.model_admin
        if model_admin.count_visible(request) > MOST_COUNTED:
            self.is_facets_optional = True
            self.add_facets = IS_FACETS_VAR in request.GET

    def get_ordering_field(self, field_name: Any) -> Any:
        """Return what a column sorts by."""
        name: Any = super().get_ordering_field(field_name)
        return _SORT_BY[name]() if name in _SORT_BY else name

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        """Return the rows, each with its tokens of 24 hours."""
        rows: Any = super().get_queryset(request, exclude_parameters)
        return rows.annotate(tokens_of_a_day=sum_issued(since=timezone.now() - DAY))

    @property
    def has_none(self) -> bool:
        """Whether there is nothing to list, search or filter."""
        asked_for_some = self.has_active_filters or self.query
        return not self.result_count and not asked_for_some

    @property
    def unmatched_reference(self) -> str:
        """A reference that was searched for where no client is found by it, or nothing."""
        references = list_references(SecretText(self.query)) if not self.result_count else []
        return references[0] if references else ""

    @property
    def is_part_of_secret(self) -> bool:
        """Whether a part of a secret was searched for, and no client found by it."""
        return not self.result_count and holds_beginning(SecretText(self.query))

    def count_by(self, one: CountedFilter) -> Counter[str]:
        """Return how many clients have each value of a filter, all the others applied."""
        # By class: Django makes the filters anew while it shows them.
        others = [other for other in self._counted_filters if type(other) is not type(one)]
        counts: Counter[str] = Counter()
        for cell in self._cells:
            if all(other.accepts(cell) for other in others):
                counts[str(cell[one.column])] += cell["clients"]
        return counts

    @property
    def _counted_filters(self) -> list[CountedFilter]:
        return [spec for spec in self.filter_specs if isinstance(spec, CountedFilter)]

    @cached_property
    def _cells(self) -> list[Any]:
        # How many clients have each combination of values that the filters ask about.
        rows: Any = self.root_queryset
        for spec in self.filter_specs:
            if isinstance(spec, CountedFilter):
                rows = spec.annotate(rows)
            else:
                rows = spec.queryset(self.request, rows)
        rows, _duplicates = self.model_admin.get_search_results(self.request, rows, self.query)
        columns = [spec.column for spec in self._counted_filters]
        return list(rows.order_by().values(*columns).annotate(clients=Count("pk", distinct=True)))


class ClientList(ClientColumns, _ModelAdmin):
    """The list as each user may see it."""

    list_display = [
        "name_and_id",
        "status_badges",
        "apis",
        "owner_name",
        "last_used",
        "tokens",
        "secret_expires",
    ]
    list_filter = [
        StatusFilter,
        APIFilter,
        AuthenticationFilter,
        ManagedByFilter,
        OwnerFilter,
        ExpiryFilter,
        ScopeFilter,
    ]
    list_per_page = 50
    ordering = ["name", "pk"]
    show_facets = ShowFacets.ALWAYS
    show_full_result_count = False  # one count is enough
    change_list_template = "django_cc/clients/list.html"

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show owners to those who see the clients of several."""
        return self._without(request, self.list_display, "owner_name")

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filter by owner likewise."""
        return self._without(request, self.list_filter, OwnerFilter)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """Return our list."""
        return ClientChangeList

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Search what people know of a client, whatever the project calls a user's name."""
        username = get_user_model().USERNAME_FIELD
        known = ["name", "description", "application__client_id", f"owner__{username}"]
        return [*known, "secrets__visible_start", "secrets__visible_end__exact"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Take the ends of a secret as pages write them: “dccs_a1b2…9zQx”."""
        return super().get_search_results(request, queryset, search_term.replace("…", " "))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List clients; a whole secret is not searched for, nor in any part of the answer."""
        request.current_app = self.admin_site.name  # as the admin does later
        if any(holds_secret(typed) for typed in request.GET.getlist(SEARCH_VAR)):
            messages.warning(
                request,
                format_html(
                    gettext(
                        "That looks like a client secret. It is now in this server's logs and "
                        "your browser history: rotate it. To find its client, use "
                        '<a href="{url}">Identify</a>.'
                    ),
                    url=client_url(request, "identify"),
                ),
            )
            return HttpResponseRedirect(client_url(request, "changelist"))
        context = {
            "title": gettext("Machine clients"),
            "may_see_dashboard": may(request.user, Right.VIEW_DASHBOARD),
            "has_apis": API.objects.filter(built_in=False).exists,  # asked in an empty list alone
            "add_api": find_add_api(request, self.admin_site),
            **(extra_context or {}),
        }
        if request.method == "POST":
            return super().changelist_view(request, context)
        with no_compilation():
            answer = super().changelist_view(request, context)
            # Filters count while they are shown.
            return answer.render() if isinstance(answer, TemplateResponse) else answer

    def list_owners(self, request: HttpRequest) -> list[tuple[Any, str, int]]:
        """Return each owner of what this user may see, with the number of clients; by name."""
        found: list[tuple[Any, str, int]] | None = getattr(request, "cc_owners", None)
        if found is None:
            name = f"owner__{get_user_model().USERNAME_FIELD}"
            rows: QuerySet[Any] = self.get_queryset(request).order_by(name).values("owner_id", name)
            counted = rows.annotate(clients=Count("pk", distinct=True))
            found = [(row["owner_id"], str(row[name]), row["clients"]) for row in counted]
            request.cc_owners = found  # type: ignore[attr-defined]
        return found

    def count_visible(self, request: HttpRequest) -> int:
        """Return how many clients this user may see."""
        return sum(count for _pk, _name, count in self.list_owners(request))

    def _without(self, request: HttpRequest, listed: Sequence[Any], last: Any) -> list[Any]:
        if may(request.user, Right.ACCESS_ALL_CLIENTS):
            return list(listed)
        return [one for one in listed if one != last]
