"""Views as projects have them, none of which ever heard of machines."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import (
    AllowAny,
    BasePermission,
    DjangoModelPermissions,
    DjangoModelPermissionsOrAnonReadOnly,
    DjangoObjectPermissions,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
)
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from example_project.orders.models import Order


class Tell(APIView):
    """Tells all it knows of who calls; the others differ in their permissions."""

    queryset = Order.objects.all()

    def get(self, request: Any) -> Response:
        self.check_object_permissions(request, Order(item="tea", placed_by="ana"))
        user = request.user
        return Response(
            {
                "user": str(user),
                "kind": type(user).__name__,
                "is_authenticated": user.is_authenticated,
                "pk": user.pk,
                "auth": str(request.auth),
                "permissions": sorted(user.get_all_permissions()),
            }
        )

    post = put = patch = delete = get


class ThereIsAUser(BasePermission):
    """An idiom."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user is not None


class IsSomebody(BasePermission):
    """Another."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return not isinstance(request.user, AnonymousUser)


class HasCredentials(BasePermission):
    """Another."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.auth is not None or bool(request.user.pk)


class PlacedIt(BasePermission):
    """Whoever placed an order may see it."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return bool(request.user.get_username() == obj.placed_by)


class OrderViewSet(ViewSet):
    """The one that machines are let into."""

    def list(self, request: Any) -> Response:
        return Response({"user": str(request.user)})

    def create(self, request: Any) -> Response:
        return Response({"user": str(request.user)}, status=201)


@api_view(["GET", "POST"])
def function_by_default(request: Any) -> Response:
    return Response({"user": str(request.user)})


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def public_function(request: Any) -> Response:
    return Response({"user": str(request.user), "auth": str(request.auth)})


def plain(request: HttpRequest) -> HttpResponse:
    status = 200 if request.user.is_authenticated else 403
    return JsonResponse({"user": str(request.user)}, status=status)


PERMISSIONS: dict[str, list[Any]] = {
    "authenticated": [IsAuthenticated],
    "model": [DjangoModelPermissions],
    "model-or-read": [DjangoModelPermissionsOrAnonReadOnly],
    "object": [DjangoObjectPermissions],
    "staff": [IsAdminUser],
    "public": [AllowAny],
    "none": [],
    "read-only": [IsAuthenticatedOrReadOnly],
    "there-is-a-user": [ThereIsAUser],
    "somebody": [IsSomebody],
    "credentials": [HasCredentials],
    "own-object": [PlacedIt],
    "composed": [IsAuthenticated & ~IsAdminUser],
    "either": [IsAdminUser | IsAuthenticated],
    "not-staff": [~IsAdminUser],
}
OTHERS = ["default", "function", "public-function", "plain", *PERMISSIONS]

urlpatterns = [
    path("orders/", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path("default/", Tell.as_view()),
    path("function/", function_by_default),
    path("public-function/", public_function),
    path("plain/", plain),
    *[
        path(f"{name}/", Tell.as_view(permission_classes=found))
        for name, found in PERMISSIONS.items()
    ],
]
