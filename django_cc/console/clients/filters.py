"""Filters of the list of machine clients, each with how many would be left."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.expiry_query import Expiry, annotate_expiry
from django_cc.authorization_server.clients.status import ClientStatus
from django_cc.authorization_server.clients.status_query import annotate_status
from django_cc.console.site.keys import is_key
from django_cc.models import API, MachineClient

Clients = QuerySet[MachineClient]


class CountedFilter(admin.SimpleListFilter):
    """A filter by one value that each client has; the list counts for all such filters at once.

    Attributes:
        column: the field or annotation that holds the value.
    """

    column: ClassVar[str]

    def annotate(self, clients: Clients) -> Clients:
        """Return the clients with the column, where it is no field."""
        return clients

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen ones; what is no choice chooses nothing."""
        if self.value() is None:
            return queryset
        if self.value() not in {str(value) for value, _title in self.lookup_choices}:
            return queryset.none()
        return self.annotate(queryset).filter(**{self.column: self.value()})

    def accepts(self, cell: Mapping[str, Any]) -> bool:
        """Tell whether the clients of a cell are among the chosen."""
        return self.value() is None or self.value() == str(cell[self.column])

    def get_facet_queryset(self, changelist: Any) -> Any:
        """Return how many clients each choice would leave."""
        counted: Mapping[str, int] = changelist.count_by(self)
        return {
            f"{number}__c": counted.get(str(value), 0)
            for number, (value, _title) in enumerate(self.lookup_choices)
        }


class StatusFilter(CountedFilter):
    """By status."""

    title = _("status")
    parameter_name = "status"
    column = "status_word"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Return every status."""
        return ClientStatus.choices

    def annotate(self, clients: Clients) -> Clients:
        """Add the status."""
        return annotate_status(clients, now=timezone.now())


class AuthenticationFilter(CountedFilter):
    """By the family of methods to authenticate."""

    title = _("authentication")
    parameter_name = column = "authentication"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Return both families."""
        return MachineClient.Authentication.choices


class ManagedByFilter(CountedFilter):
    """By where clients came from."""

    title = _("origin")
    parameter_name = column = "managed_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Return every origin."""
        return MachineClient.ManagedBy.choices


class ExpiryFilter(CountedFilter):
    """By how soon a client is left without a credential."""

    title = _("secret expiry")
    parameter_name = "expiry"
    column = "expiry_word"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Return the times."""
        return Expiry.choices

    def annotate(self, clients: Clients) -> Clients:
        """Add the time."""
        return annotate_expiry(clients, now=timezone.now())


class OwnerFilter(CountedFilter):
    """By owner, for those who see the clients of several."""

    title = _("owner")
    parameter_name = "owner"
    column = "owner_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Return the owners of what this user may see."""
        return [(pk, name) for pk, name, _count in model_admin.list_owners(request) if pk]


class APIFilter(admin.ListFilter):
    """By an API at which a client holds a scope; a client may be at several."""

    title = _("API")
    parameter_name = "api"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        """Take its part of the address."""
        super().__init__(request, params, model, model_admin)
        self.value: str | None = params.pop(self.parameter_name, [None])[-1]

    def has_output(self) -> bool:
        """Show it always: asking whether there is an API takes as long as listing them."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Return what it takes of the address."""
        return [self.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the clients of the chosen API."""
        if self.value is None:
            return queryset
        if not is_key(self.value):
            return queryset.none()
        holders = MachineClient.objects.filter(access__scope__api=int(self.value))
        return queryset.filter(pk__in=holders.values("pk"))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Offer the APIs that clients of this user may call, names and counts by one query."""
        visible = changelist.root_queryset.order_by().values("pk")
        apis = API.objects.filter(scopes__access__client__in=visible).order_by("name", "pk")
        yield self._offer(changelist, None, _("All"))
        if changelist.add_facets:
            left = changelist.get_queryset(self.request, exclude_parameters=[self.parameter_name])
            counted = apis.annotate(clients=_count_clients(left.order_by().values("pk")))
            for pk, name, count in counted.values_list("pk", "name", "clients"):
                yield self._offer(changelist, pk, f"{name} ({count})")
            return
        for pk, name in apis.values_list("pk", "name").distinct():
            yield self._offer(changelist, pk, name)

    def _offer(self, changelist: Any, pk: int | None, title: Any) -> dict[str, Any]:
        new, remove = ({}, [self.parameter_name]) if pk is None else ({"api": pk}, [])
        return {
            "selected": self.value == (None if pk is None else str(pk)),
            "query_string": changelist.get_query_string(new, remove),
            "display": title,
        }


def _count_clients(clients: Any) -> Count:
    holder = "scopes__access__client"
    return Count(holder, distinct=True, filter=Q(**{f"{holder}__in": clients}))
