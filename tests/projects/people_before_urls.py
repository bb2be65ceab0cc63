"""The toolkit's URLs, the admin, and APIs for people."""

from django.contrib import admin
from django.urls import include, path
from oauth2_provider.contrib.rest_framework import (
    IsAuthenticatedOrTokenHasScope,
    TokenHasReadWriteScope,
    TokenHasScope,
)
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class WhoAmI(APIView):
    """Tells who calls, and by which token."""

    permission_classes = [IsAuthenticated]
    required_scopes = ["write"]

    def get(self, request: Request) -> Response:
        return Response([str(request.user), type(request.auth).__name__])


urlpatterns = [
    path("o/", include("oauth2_provider.urls")),
    path("admin/", admin.site.urls),
    path("api/me/", WhoAmI.as_view()),
    path("api/write/", WhoAmI.as_view(permission_classes=[TokenHasScope])),
    path("api/read/", WhoAmI.as_view(permission_classes=[TokenHasReadWriteScope])),
    path("api/either/", WhoAmI.as_view(permission_classes=[IsAuthenticatedOrTokenHasScope])),
]
