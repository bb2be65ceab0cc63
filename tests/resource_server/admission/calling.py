"""Make a view of some permission classes, and call it with a token."""

from typing import Any

import pytest
from django.apps import apps
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

ORDERS_API = "https://orders.example.com"

has_users = apps.is_installed("django.contrib.auth")
has_toolkit = apps.is_installed("oauth2_provider")
needs_users = pytest.mark.skipif(not has_users, reason="this project has no users")
needs_toolkit = pytest.mark.skipif(not has_toolkit, reason="this project has no toolkit")


class WhoAmI(APIView):
    """Tells who calls."""

    api = ORDERS_API

    def get(self, request: Request) -> Response:
        user: Any = request.user
        is_authenticated = bool(user and user.is_authenticated)
        return Response({"user": str(user), "is_authenticated": is_authenticated})

    post = put = patch = delete = get


def make_view(**attributes: Any) -> Any:
    """Return a view with these class attributes."""
    kind: Any = type("View", (WhoAmI,), attributes)
    return kind.as_view()


def call(
    token: str | None, *permission_classes: Any, method: str = "get", **attributes: Any
) -> Any:
    """Call a view with these permission classes; return the answer."""
    view = make_view(**{"permission_classes": list(permission_classes), **attributes})
    headers = {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    return view(getattr(APIRequestFactory(), method)("/", **headers))
