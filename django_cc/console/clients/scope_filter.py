"""The list of machine clients, narrowed to those that hold one scope."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_cc.console.site.keys import is_key
from django_cc.models import Scope


class ScopeFilter(admin.SimpleListFilter):
    """Stands beside the list only where a link has asked for it: there may be many scopes."""

    title = _("scope")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the scope that the address names."""
        wanted = request.GET.get(self.parameter_name, "")
        if not is_key(wanted):
            return []
        scopes = Scope.objects.filter(pk=wanted).select_related("api")
        return [(str(scope.pk), f"{scope.name} ({scope.api.name})") for scope in scopes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those that hold it."""
        return queryset.filter(access__scope=self.value()) if self.value() else queryset
