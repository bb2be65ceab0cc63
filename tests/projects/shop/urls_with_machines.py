"""The shop's routes, and what it takes to let machines into one of them."""

from typing import Any

from django.urls import include, path
from rest_framework.permissions import IsAuthenticated

from django_cc.resource_server.permissions import HasRequiredScopes
from tests.projects.shop import urls


class OrderViewSet(urls.OrderViewSet):
    """The two lines that a project would add to the class itself."""

    permission_classes = [HasRequiredScopes | IsAuthenticated]
    required_scopes = {"GET": ["orders:read"]}


urlpatterns: list[Any] = [
    path("orders/", OrderViewSet.as_view({"get": "list", "post": "create"})),
    *urls.urlpatterns,
]
# The one line in the URLconf:
urlpatterns += [path("", include("django_cc.urls"))]
