"""Lists of the admin that take from an address only what the console's own pages put there."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.text import smart_split
from django.utils.translation import gettext

from django_cc.authorization_server.clients.latest_end import LATEST_YEAR
from django_cc.authorization_server.typed_secrets import holds_secret
from django_cc.console.site.keys import is_key
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right, may

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object  # the class beside it brings the real one

LONGEST_TERM: Final = 200  # characters
MOST_WORDS: Final = 10  # each is a condition on every column searched
_EARLIEST_YEAR: Final = 1970
_BOUNDS: Final = {"year": (_EARLIEST_YEAR, LATEST_YEAR), "month": (1, 12), "day": (1, 31)}


class GuardedList(_ModelAdmin):
    """Refuses every lookup but its filters' own and those linked; searches within bounds.

    Django takes any lookup on any column: to try a regular expression on a column is to read it,
    and to keep the database busy for as long as one likes.

    Attributes:
        linked_lookups: further lookups, which links of other pages use.
    """

    linked_lookups: ClassVar[frozenset[str]] = frozenset()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Tell whether a page of ours has such a link; Django answers the rest with 400."""
        column, _separator, last = lookup.rpartition("__")
        if column and column == self.date_hierarchy and last in _BOUNDS:
            return _is_within(value, *_BOUNDS[last])
        if lookup not in self.linked_lookups and lookup not in {*self._list_filtered(request)}:
            return False
        if last == "gte":
            return _is_moment(value)
        if lookup.endswith("__id__exact"):
            return is_key(value)
        return "\0" not in value

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for the first words; a whole secret is not searched for."""
        if holds_secret(search_term):
            return queryset.none(), False
        words = smart_split(search_term.replace("\0", " ")[:LONGEST_TERM])
        term = " ".join([word for word, _number in zip(words, range(MOST_WORDS), strict=False)])
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, term)
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; a secret in the address is in no part of the answer."""
        request.current_app = self.admin_site.name  # as the admin does later
        typed = [text for name, values in request.GET.lists() for text in (name, *values)]
        if any(holds_secret(text) for text in typed):
            messages.warning(request, _warn_of_secret(request))
            return HttpResponseRedirect(request.path)
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def _list_filtered(self, request: HttpRequest) -> Iterator[str]:
        filters: Iterable[Any] = self.get_list_filter(request)
        for one in filters:
            if hasattr(one, "parameter_name"):
                yield one.parameter_name
                continue
            path = one if isinstance(one, str) else one[0]
            if get_fields_from_path(self.model, path)[-1].is_relation:
                yield f"{path}__id__exact"
            else:
                yield from (path, f"{path}__exact")


def _is_within(value: str, least: int, most: int) -> bool:
    return is_key(value) and least <= int(value) <= most


def _is_moment(value: str) -> bool:
    try:
        moment = parse_datetime(value)
    except ValueError:
        return False
    return moment is not None and _EARLIEST_YEAR <= moment.year <= LATEST_YEAR


def _warn_of_secret(request: HttpRequest) -> str:
    if may(request.user, Right.VIEW_CLIENT):
        text = gettext(
            "That looks like a client secret. It is now in this server's logs and "
            "your browser history: rotate it. To find its client, use "
            '<a href="{url}">Identify</a>.'
        )
        return format_html(text, url=client_url(request, "identify"))
    return gettext(
        "That looks like a client secret. It is now in this server's logs and your browser "
        "history: have it rotated."
    )
