"""What a client may read of itself, with a token for this server."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.utils.functional import classproperty
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from django_cc.authorization_server.clients.own_report import describe_own_client
from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.endpoints.errors import ErrorAnswer, answer_error, answer_json
from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.bearer import BearerChallenge
from django_cc.protocol.built_in_api import BuiltInScope
from django_cc.protocol.errors import InsufficientScope
from django_cc.resource_server.authentication import BearerTokenAuthentication
from django_cc.resource_server.challenges import BearerAuthenticationFailed
from django_cc.resource_server.permissions import HasRequiredScopes
from django_cc.resource_server.settings import get_settings as get_resource_server_settings


class OwnClientView(OAuthEndpoint):
    """A resource of the built-in API, guarded as any API's view may be."""

    http_method_names = ["get", "head"]
    authentication_classes = (BearerTokenAuthentication,)
    permission_classes = (HasRequiredScopes,)
    required_scopes = (BuiltInScope.CLIENT_READ.value,)
    records_refusals = True

    @classproperty
    def api(self) -> str:
        """The built-in API: the issuer in force."""
        return get_settings().issuer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Require TLS, a good token and its scope.

        Raises:
            InvalidRequest: plain HTTP.
            APIException: no token, a bad one, or one without the scope.
        """
        super().initial(request, *args, **kwargs)
        self.perform_authentication(request)
        self.check_permissions(request)

    def get(self, request: Request) -> HttpResponse:
        """Return the registration of the client whose token was sent, and its usage."""
        token: Any = request.auth
        return answer_json(describe_own_client(token.client_id, now=datetime.now(UTC)))

    def get_exception_handler(self) -> ErrorAnswer:
        """Answer with the challenges of RFC 6750, whatever handler the project has."""
        return _answer_refusal_of_token


def _answer_refusal_of_token(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    if isinstance(error, NotAuthenticated):
        # RFC 6750 §3.1: no error code where no credentials were sent.
        response = answer_json({"detail": "Send an access token."}, status=401)
        challenge = BearerChallenge(get_resource_server_settings().realm)
        response["WWW-Authenticate"] = str(challenge)
        return response
    if isinstance(error, BearerAuthenticationFailed):
        return answer_error(error.error, context)
    if isinstance(error, PermissionDenied):
        client_id = context["request"].auth.client_id
        missing = InsufficientScope({BuiltInScope.CLIENT_READ}, client_id=client_id)
        return answer_error(missing, context)
    return answer_error(error, context)
