"""Filters of the list of machine clients."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class EnabledFilter(admin.SimpleListFilter):
    """Enabled or disabled."""

    title = _("enabled or disabled")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("enabled", _("Enabled")), ("disabled", _("Disabled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen ones."""
        if self.value() in {"enabled", "disabled"}:
            return queryset.filter(disabled_at__isnull=self.value() == "enabled")
        return queryset
