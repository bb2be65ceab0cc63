"""One protected view."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from django_cc.resource_server.permissions import HasRequiredScopes


class Reports(APIView):
    """Needs a scope."""

    permission_classes = [HasRequiredScopes]
    required_scopes = ["reports:read"]

    def get(self, request: Request) -> Response:
        return Response([str(request.user)])


urlpatterns = [
    path("reports/", Reports.as_view()),
    path("", include("django_cc.resource_server.urls")),
]
