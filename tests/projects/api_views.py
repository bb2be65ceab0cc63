"""Views that tests protect in every way a project might."""

from typing import Any, ClassVar

from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from django_cc.resource_server.permissions import HasRequiredScopes
from tests.projects.combined import BILLING_API, ORDERS_API


class WhoAmI(APIView):
    """Tells who calls; tests change its permission classes."""

    api = ORDERS_API

    def get(self, request: Request) -> Response:
        user: Any = request.user
        return Response({"user": str(user), "is_authenticated": user.is_authenticated})

    post = get


class ScopedView(WhoAmI):
    """Needs one scope to read and another to write."""

    permission_classes = [HasRequiredScopes]
    required_scopes: ClassVar[Any] = {"GET": ["orders:read"], "POST": ["orders:write"]}


class PeopleView(WhoAmI):
    """A view from before machines came."""

    permission_classes = [IsAuthenticated]


class EchoView(APIView):
    """Repeats a form."""

    api = ORDERS_API
    permission_classes = [HasRequiredScopes]
    required_scopes: ClassVar[Any] = ["orders:write"]

    def post(self, request: Request) -> Response:
        form: Any = request.data
        return Response(form.dict())


class BillingView(ScopedView):
    """Belongs to another API."""

    api = BILLING_API
    required_scopes: ClassVar[Any] = ["billing:read"]


class ActionViewSet(ViewSet):
    """Names its scopes by action."""

    api = ORDERS_API
    permission_classes = [HasRequiredScopes]
    required_scopes: ClassVar[Any] = {"list": ["orders:read"], "create": ["orders:write"]}

    def list(self, request: Request) -> Response:
        return Response([])

    def create(self, request: Request) -> Response:
        return Response({}, status=201)

    def destroy(self, request: Request, pk: str) -> Response:
        return Response(status=204)


urlpatterns = [
    path("scoped/", ScopedView.as_view()),
    path("echo/", EchoView.as_view()),
    path("people/", PeopleView.as_view()),
    path("billing/", BillingView.as_view()),
    path("actions/", ActionViewSet.as_view({"get": "list", "post": "create"})),
    path("actions/<pk>/", ActionViewSet.as_view({"delete": "destroy"})),
]
