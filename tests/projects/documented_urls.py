"""Views with every kind of rule."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_cc.resource_server.permissions import (
    HasAnyRequiredScope,
    HasRequiredScopes,
    IsAllowedClient,
    IsMachine,
)


class Reports(APIView):
    """A scope for each method."""

    permission_classes = [HasRequiredScopes]
    required_scopes = {"GET": ["reports:read"], "POST": ["reports:read", "reports:write"]}

    @extend_schema(request=None, responses={200: str})
    def get(self, request: Request) -> Response:
        return Response("")

    @extend_schema(request=None, responses={200: str})
    def post(self, request: Request) -> Response:
        return Response("")


class One(APIView):
    """What the others have in common."""

    @extend_schema(request=None, responses={200: str})
    def get(self, request: Request) -> Response:
        return Response("")


class AnyOf(One):
    permission_classes = [HasAnyRequiredScope]
    required_scopes = "reports:read reports:admin"


class PeopleToo(One):
    permission_classes = [HasRequiredScopes | IsAuthenticated]
    required_scopes = ["reports:read"]


class PeopleAlone(One):
    permission_classes = [IsAuthenticated]


class Public(One):
    permission_classes = [AllowAny]


class EveryMachine(One):
    permission_classes = [IsMachine]


class OneClient(One):
    permission_classes = [IsAllowedClient & HasRequiredScopes]
    required_scopes = ["reports:admin"]
    allowed_clients = ["abc"]


class EveryMachineButOne(One):
    permission_classes = [HasRequiredScopes & ~IsAllowedClient]
    required_scopes = ["reports:read"]
    allowed_clients = ["abc"]


class OneClientOrPeople(One):
    permission_classes = [(IsAllowedClient & HasRequiredScopes) | IsAuthenticated]
    required_scopes = ["reports:admin"]
    allowed_clients = ["abc"]


class NoMachine(One):
    permission_classes = [~IsMachine]


urlpatterns = [
    path("reports/", Reports.as_view()),
    path("any-of/", AnyOf.as_view()),
    path("people-too/", PeopleToo.as_view()),
    path("people-alone/", PeopleAlone.as_view()),
    path("public/", Public.as_view()),
    path("every-machine/", EveryMachine.as_view()),
    path("one-client/", OneClient.as_view()),
    path("all-but-one/", EveryMachineButOne.as_view()),
    path("one-client-or-people/", OneClientOrPeople.as_view()),
    path("no-machine/", NoMachine.as_view()),
]
