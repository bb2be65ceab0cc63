"""Find the access token of a request, and the API that has to judge it."""

import logging
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, QueryDict, RawPostDataException, UnreadablePostError
from django.views.decorators.debug import sensitive_variables

from django_cc.protocol.bearer import ACCESS_TOKEN_PARAMETER, read_bearer_token
from django_cc.protocol.errors import InvalidRequest, InvalidToken, OAuthError
from django_cc.protocol.names import FORM_MEDIA_TYPE
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.verification.port import get_verifier

logger = logging.getLogger(__name__)


def read_token(request: HttpRequest) -> str | None:
    """Return the bearer token of the request's header, or None where there is none.

    Raises:
        InvalidRequest: the header is malformed, or there were two.
    """
    return read_bearer_token(request.META.get("HTTP_AUTHORIZATION"))


def is_for_us(token: str) -> bool:
    """Tell whether a token is a JWT that names an issuer we know. It may be forged."""
    return get_verifier().recognises(token)


def require_one_transport(request: HttpRequest) -> None:
    """Refuse a request with a token in its header that sends one elsewhere too.

    RFC 6750 §2: "Clients MUST NOT use more than one method to transmit the token in each
    request." A token that is not in the header at all counts as none.

    Raises:
        InvalidRequest: the query or the form has an `access_token` as well (§3.1).
    """
    if _is_in_query(request) or _is_in_form(request):
        raise InvalidRequest("Send the access token in the Authorization header alone.")


def find_api(view: Any) -> str | None:
    """Return the identifier of the API that `view` belongs to; None where that cannot be told.

    Raises:
        TemporarilyUnavailable: it cannot be told right now.
    """
    return getattr(view, "api", None) or get_verifier().find_default_audience()


@sensitive_variables("token")
def verify_token(token: str, *, api: str | None, place: str) -> AccessToken:
    """Return the verified token of a request to an API.

    Args:
        token: as it came in the header.
        api: which API; None, of which the log tells, opens nothing.
        place: the view, for the log.

    Raises:
        InvalidToken: any check fails.
        TemporarilyUnavailable: it cannot be told right now.
    """
    if api is None:
        logger.error(
            "%s accepts no token: the project has several APIs or none. Set its attribute "
            "api to the identifier of the API it belongs to.",
            place,
        )
        raise InvalidToken()
    return get_verifier().verify(token, audience=api, now=datetime.now(UTC))


def log_refusal(error: OAuthError, *, place: str) -> None:
    """Tell the log why a token was refused, which its sender is not told."""
    logger.info(
        "%s refused a bearer token: %s because %s (client %s)",
        place,
        error.error,
        error.reason,
        error.client_id or "unknown",
    )


def _is_in_query(request: HttpRequest) -> bool:
    return bool(request.META.get("QUERY_STRING")) and ACCESS_TOKEN_PARAMETER in request.GET


def _is_in_form(request: HttpRequest) -> bool:
    # §2.2: a body counts where it is a form, and not with GET, where a body means nothing.
    if request.method in {"GET", "HEAD"} or request.content_type != FORM_MEDIA_TYPE:
        return False
    try:
        return ACCESS_TOKEN_PARAMETER in QueryDict(request.body)
    except UnreadablePostError:
        raise InvalidRequest("The request body did not arrive in full.") from None
    except RawPostDataException:  # a middleware has read it, and nobody after it can
        return False
