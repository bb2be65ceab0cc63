"""How many machine clients have something to do with an API or a scope, as one user sees it."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_cc.console.site.rights import Right, may, select_visible
from django_cc.models import MachineClient

API_FILTER = "api"  # parameters of the list of machine clients
SCOPE_FILTER = "scope"


def count_visible(request: HttpRequest, path: str) -> Count:
    """Return the number of clients behind `path` that the user sees, as an annotation."""
    if may(request.user, Right.ACCESS_ALL_CLIENTS):
        return Count(path, distinct=True)
    visible = select_visible(MachineClient.objects.all(), request.user).values("pk")
    return Count(path, distinct=True, filter=Q(**{f"{path}__in": visible}))


def link_count(count: int, site_name: str, parameter: str, value: Any) -> SafeString | str:
    """Return a number that leads to those clients in the list."""
    if not count:
        return "0"
    listed = reverse("admin:django_cc_machineclient_changelist", current_app=site_name)
    return format_html('<a href="{}?{}={}">{}</a>', listed, parameter, value, count)
