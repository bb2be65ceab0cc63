"""Authenticate machines by their access tokens."""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.settings import api_settings

from django_cc.protocol.access_token.jwt import read_unverified_issuer
from django_cc.protocol.bearer import BearerChallenge, read_bearer_token
from django_cc.protocol.errors import InvalidToken, OAuthError
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.challenges import ACCESS_TOKEN, BearerAuthenticationFailed
from django_cc.resource_server.invitation import Invitation, read_invitation
from django_cc.resource_server.principal import MachinePrincipal
from django_cc.resource_server.settings import get_settings
from django_cc.resource_server.verification.port import get_verifier

if TYPE_CHECKING:
    # At run time rest_framework.views imports this module, by the name in its settings.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class BearerTokenAuthentication(BaseAuthentication):
    """DRF authentication with `Authorization: Bearer TOKEN` (RFC 6750 §2.1); list it first.

    A good token makes `request.user` a `MachinePrincipal` and `request.auth` an `AccessToken`,
    where the view has rules for machines; elsewhere the request stays unauthenticated. A request
    without a bearer token, or with one that is no JWT of an issuer we know, is left to the view's
    next class if it has one. A JWT that names our issuer never is.
    """

    @method_decorator(sensitive_variables())
    def authenticate(self, request: Request) -> tuple[Any, AccessToken | None] | None:
        """Return the machine and its token, or None where there is nothing for us to judge.

        Where the view has no rule for machines, the machine is what a request without a token is:
        DRF's unauthenticated user, and no token.

        Raises:
            BearerAuthenticationFailed: the token is malformed, invalid, or for another API.
        """
        try:
            token = read_bearer_token(request.META.get("HTTP_AUTHORIZATION"))
            if token is None or self._is_for_next_class(token, request):
                return None
            return self._admit(token, request, _get_view(request))
        except OAuthError as error:
            logger.info(
                "%s refused a bearer token: %s because %s (client %s)",
                type(_get_view(request)).__name__,
                error.error,
                error.reason,
                error.client_id or "unknown",
            )
            raise BearerAuthenticationFailed(error) from None

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 that nobody else raised (RFC 6750 §3).

        No error code where no credentials were sent (§3.1); `invalid_token` where a bearer token
        was, which neither we nor the view's other classes knew.
        """
        challenge = BearerChallenge(get_settings().realm)
        if read_bearer_token(request.META.get("HTTP_AUTHORIZATION")) is not None:
            challenge = BearerChallenge.for_error(InvalidToken(), realm=get_settings().realm)
        return str(challenge)

    def _is_for_next_class(self, token: str, request: Request) -> bool:
        issuer = read_unverified_issuer(token)
        if issuer is not None and get_verifier().is_issuer(issuer):
            return False
        if self is not list(request.authenticators or [self])[-1]:
            return True
        raise InvalidToken()

    def _admit(
        self, token: str, request: Request, view: "APIView | None"
    ) -> tuple[Any, AccessToken | None]:
        nobody = _make_unauthenticated_user()
        # The view's permissions may depend on request.user, which is being found out here.
        request.user, request.auth = nobody, None
        invitation = read_invitation(view)
        audience = getattr(view, "api", None) or get_verifier().find_default_audience()
        if audience is None and invitation is Invitation.NONE:
            return nobody, None
        verified = self._verify(token, audience, view)
        setattr(request, ACCESS_TOKEN, verified)
        if invitation is Invitation.NONE:
            return nobody, None
        return MachinePrincipal(verified, invited=invitation is Invitation.GIVEN), verified

    def _verify(self, token: str, audience: str | None, view: "APIView | None") -> AccessToken:
        if audience is None:
            logger.error(
                "%s accepts no token: the project has several APIs or none. Set its attribute "
                "api to the identifier of the API it belongs to.",
                type(view).__name__,
            )
            raise InvalidToken()
        return get_verifier().verify(token, audience=audience, now=datetime.now(UTC))


def _make_unauthenticated_user() -> Any:
    make: Any = api_settings.UNAUTHENTICATED_USER
    return make() if make else None


def _get_view(request: Request) -> "APIView | None":
    view: APIView | None = (request.parser_context or {}).get("view")
    return view
