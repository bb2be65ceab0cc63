"""Turn refusals into answers of an API, with their challenges (RFC 6750 §3): the only place."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from django_cc.protocol.bearer import BearerChallenge
from django_cc.protocol.errors import InsufficientScope, OAuthError, TemporarilyUnavailable
from django_cc.resource_server.metadata_link import find_metadata_url
from django_cc.resource_server.permissions import UNMET_SCOPES
from django_cc.resource_server.presented_token import find_api
from django_cc.resource_server.settings import get_settings

logger = logging.getLogger(__name__)

_NO_CREDENTIALS = "Send an access token: Authorization: Bearer TOKEN."
ACCESS_TOKEN = "django_cc_access_token"  # noqa: S105 - where a request keeps a verified token


class BearerAuthenticationFailed(APIException):
    """A bearer token was sent and does not open this API.

    It brings its own challenge, because the project's exception handler may not be ours, and its
    own status: DRF would make a 403 of it where another class stands first.
    """

    default_code = "invalid_token"

    def __init__(self, error: OAuthError, challenge: str) -> None:
        """Report `error` in DRF's way; it stays to be read."""
        self.error = error
        super().__init__(detail=error.description, code=error.error)
        self.status_code = error.status
        self.wait: int | None = None
        self.auth_header: str | None = None
        if isinstance(error, TemporarilyUnavailable):
            self.wait = error.retry_after
        else:
            self.auth_header = challenge


def write_challenge(request: HttpRequest, view: Any, error: OAuthError | None) -> str:
    """Return the `WWW-Authenticate` of a refusal at a view, or object, that has an `api`.

    Args:
        request: what was refused.
        view: where.
        error: why; None where no credentials were sent (RFC 6750 §3.1 wants no code there).
    """
    realm, url = get_settings().realm, _find_metadata_url(request, view)
    if error is None:
        return str(BearerChallenge(realm, resource_metadata=url))
    if isinstance(error, InsufficientScope):
        return str(
            BearerChallenge.for_insufficient_scope(
                error.required, realm=realm, resource_metadata=url
            )
        )
    return str(BearerChallenge.for_error(error, realm=realm, resource_metadata=url))


def answer_refusal(request: HttpRequest, view: Any, error: OAuthError | None) -> JsonResponse:
    """Answer a request that a plain Django view refuses, as DRF would have; see `write_challenge`.

    Without an error it is 401: no credentials were sent.
    """
    detail = _NO_CREDENTIALS if error is None else error.description
    status = HTTPStatus.UNAUTHORIZED if error is None else error.status
    response = JsonResponse({"detail": detail}, status=status)
    if isinstance(error, TemporarilyUnavailable):
        response["Retry-After"] = str(error.retry_after)
    else:
        response["WWW-Authenticate"] = write_challenge(request, view, error)
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Write `WWW-Authenticate` on 401 and 403 answers to machines.

    Name it in `REST_FRAMEWORK["EXCEPTION_HANDLER"]`. It wraps the handler that
    `DJANGO_CC["EXCEPTION_HANDLER"]` names, DRF's own by default, and leaves every answer to
    people as it was.
    """
    wrapped = import_string(get_settings().exception_handler)
    response: Response | None = wrapped(error, context)
    if response is None:
        return None
    challenge = _find_challenge(error, response, context)
    if challenge is not None:
        response["WWW-Authenticate"] = challenge
    return response


def _find_challenge(error: Exception, response: Response, context: dict[str, Any]) -> str | None:
    if isinstance(error, BearerAuthenticationFailed):
        return error.auth_header
    # DRF answers 403 without a challenge; RFC 6750 §3.1 wants one that names the scope.
    if response.status_code == HTTPStatus.FORBIDDEN:
        return _challenge_scope(context.get("request"), context.get("view"))
    return None


def _challenge_scope(request: Any, view: Any) -> str | None:
    if getattr(request, ACCESS_TOKEN, None) is None:
        return None
    unmet: Sequence[str] | None = getattr(request, UNMET_SCOPES, None)
    if unmet is None and not getattr(request.user, "is_authenticated", False):
        logger.warning(
            "%s does not invite machines: add HasRequiredScopes to its permission_classes and "
            "name required_scopes, or set machine_access = True.",
            type(view).__name__,
        )
    return write_challenge(request._request, view, InsufficientScope(unmet or ()))


def _find_metadata_url(request: HttpRequest, view: Any) -> str | None:
    try:
        return find_metadata_url(request, find_api(view))
    except TemporarilyUnavailable:  # the challenge is right without it
        return None
