"""Authenticate machines by their access tokens."""

from typing import TYPE_CHECKING, Any

from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.settings import api_settings

from django_cc.protocol.errors import InvalidToken, OAuthError
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.challenges import (
    ACCESS_TOKEN,
    BearerAuthenticationFailed,
    write_challenge,
)
from django_cc.resource_server.invitation import Invitation, read_invitation
from django_cc.resource_server.presented_token import (
    find_api,
    is_for_us,
    log_refusal,
    read_token,
    require_one_transport,
    verify_token,
)
from django_cc.resource_server.principal import MachinePrincipal

if TYPE_CHECKING:
    # At run time rest_framework.views imports this module, by the name in its settings.
    from rest_framework.views import APIView


class BearerTokenAuthentication(BaseAuthentication):
    """DRF authentication with `Authorization: Bearer TOKEN` (RFC 6750 §2.1); list it first.

    A good token makes `request.user` a `MachinePrincipal` and `request.auth` an `AccessToken`,
    where the view has rules for machines; elsewhere the request stays unauthenticated. A request
    without a bearer token, or with one that is no JWT of an issuer we know, is left to the view's
    next class if it has one. A JWT that names our issuer never is.
    """

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[Any, AccessToken | None] | None:
        """Return the machine and its token, or None where there is nothing for us to judge.

        Where the view has no rule for machines, the machine is what a request without a token is:
        DRF's unauthenticated user, and no token.

        Raises:
            BearerAuthenticationFailed: the token is malformed, invalid, or for another API, or
                was sent in more than one way.
        """
        view = _get_view(request)
        try:
            token = read_token(request._request)
            if token is None or self._is_for_next_class(token, request):
                return None
            require_one_transport(request._request)
            return self._admit(token, request, view)
        except OAuthError as error:
            log_refusal(error, place=type(view).__name__)
            challenge = write_challenge(request._request, view, error)
            raise BearerAuthenticationFailed(error, challenge) from None

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 that nobody else raised (RFC 6750 §3).

        No error code where no credentials were sent (§3.1); `invalid_token` where a bearer token
        was, which neither we nor the view's other classes knew.
        """
        was_sent = read_token(request._request) is not None
        error = InvalidToken() if was_sent else None
        return write_challenge(request._request, _get_view(request), error)

    def _is_for_next_class(self, token: str, request: Request) -> bool:
        if is_for_us(token):
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
        invitation, api = read_invitation(view), find_api(view)
        if api is None and invitation is Invitation.NONE:
            return nobody, None
        verified = verify_token(token, api=api, place=type(view).__name__)
        setattr(request, ACCESS_TOKEN, verified)
        if invitation is Invitation.NONE:
            return nobody, None
        return MachinePrincipal(verified, invited=invitation is Invitation.GIVEN), verified


def _make_unauthenticated_user() -> Any:
    make: Any = api_settings.UNAUTHENTICATED_USER
    return make() if make else None


def _get_view(request: Request) -> "APIView | None":
    view: APIView | None = (request.parser_context or {}).get("view")
    return view
