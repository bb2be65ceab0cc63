"""Turn refusals into answers of the authorization server (RFC 6749 §5.2): the only place."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework.exceptions import MethodNotAllowed

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.recording import record_refused
from django_cc.authorization_server.refusals.buffer import Refusal
from django_cc.authorization_server.refusals.evidence import Evidence
from django_cc.authorization_server.refusals.reference import make_reference
from django_cc.authorization_server.refusals.slowing import count_failure
from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.key_ring import NoSigningKeyError
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.tokens.extra_claims import ExtraClaimsError
from django_cc.protocol.bearer import BearerChallenge
from django_cc.protocol.errors import (
    InsufficientScope,
    InvalidClient,
    InvalidRequest,
    InvalidToken,
    MalformedBearer,
    OAuthError,
    RefusalReason,
    TemporarilyUnavailable,
)
from django_cc.resource_server.settings import get_settings as get_resource_server_settings

logger = logging.getLogger(__name__)

_MINUTE = 60.0  # seconds
_told_at: dict[type[Exception], float] = {}

ErrorAnswer = Callable[[Exception, dict[str, Any]], HttpResponse | None]

_Response = TypeVar("_Response", bound=HttpResponse)

_NOT_READY = (
    SnapshotTooOldError,
    NoSigningKeyError,
    EncryptionKeyError,
    InterfaceError,
    OperationalError,
    ExtraClaimsError,
)
# RFC 7617 §2: the charset in which credentials are read. Sent for failed body credentials too.
_BASIC_CHALLENGE = 'Basic realm="token", charset="UTF-8"'


def answer_json(document: Mapping[str, Any], *, status: int = HTTPStatus.OK) -> JsonResponse:
    """Return a JSON answer that no cache keeps (RFC 6749 §5.1)."""
    return forbid_caching(JsonResponse(document, status=status))


def forbid_caching(response: _Response) -> _Response:
    """Return the answer, which no cache may keep (RFC 6749 §5.1)."""
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def answer_error(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the answer to a refused request, or None for what Django answers itself."""
    request, view = context["request"]._request, context["view"]
    if isinstance(error, MethodNotAllowed):
        return _answer_method_not_allowed(request, view)
    if isinstance(error, Http404):
        refusal = InvalidRequest("There is nothing here.")
        return _answer_refusal(refusal, request, view, status=HTTPStatus.NOT_FOUND)
    if isinstance(error, _NOT_READY):
        _tell_once_a_minute(error, view)
        error = TemporarilyUnavailable("The server cannot answer right now: try again.")
    if isinstance(error, InvalidClient | InvalidToken):
        return _answer_failed_authentication(error, request, view)
    if not isinstance(error, OAuthError):
        return None
    response = _answer_refusal(error, request, view)
    _say_what_helps(response, error)
    return response


def _say_what_helps(response: HttpResponse, error: OAuthError) -> None:
    if isinstance(error, TemporarilyUnavailable):
        response["Retry-After"] = str(error.retry_after)  # also of 429 (RFC 6585 §4)
    if isinstance(error, InsufficientScope):
        challenge = BearerChallenge.for_insufficient_scope(error.required, realm=_find_realm())
        response["WWW-Authenticate"] = str(challenge)
    if isinstance(error, MalformedBearer):
        # RFC 6750 §3: a request without a token that enables access MUST be challenged.
        response["WWW-Authenticate"] = str(BearerChallenge.for_error(error, realm=_find_realm()))


def _find_realm() -> str:
    return get_resource_server_settings().realm


def _tell_once_a_minute(error: Exception, view: Any) -> None:
    # During an outage every request meets it, and whoever wants can send requests.
    now = time.monotonic()
    is_news = now - _told_at.get(type(error), -_MINUTE) >= _MINUTE
    if is_news:
        _told_at[type(error)] = now
    level = logging.ERROR if is_news else logging.DEBUG
    text = "%s cannot answer: %s"
    logger.log(level, text, type(view).__name__, error, exc_info=error.__cause__)


def _answer_method_not_allowed(request: HttpRequest, view: Any) -> HttpResponse:
    refusal = InvalidRequest(f"Use {' or '.join(view.allowed_methods)}.")
    response = _answer_refusal(refusal, request, view, status=HTTPStatus.METHOD_NOT_ALLOWED)
    response["Allow"] = ", ".join(view.allowed_methods)  # RFC 9110 §15.5.6
    return response


def _answer_failed_authentication(
    refusal: InvalidClient | InvalidToken, request: HttpRequest, view: Any
) -> HttpResponse:
    # RFC 6749 §2.3.1: "the authorization server MUST protect any endpoint utilizing it against
    # brute force attacks".
    wait = count_failure(find_client_address(request), now=datetime.now(UTC))
    status = None if wait is None else HTTPStatus.TOO_MANY_REQUESTS
    response = _answer_refusal(refusal, request, view, status=status)
    # RFC 6749 §5.2: the challenge of the scheme that was used.
    is_token = isinstance(refusal, InvalidToken)
    challenge = BearerChallenge.for_error(refusal, realm=_find_realm())
    response["WWW-Authenticate"] = str(challenge) if is_token else _BASIC_CHALLENGE
    if wait is not None:
        response["Retry-After"] = str(wait)  # RFC 6585 §4
    return response


def _answer_refusal(
    refusal: OAuthError, request: HttpRequest, view: Any, *, status: HTTPStatus | None = None
) -> HttpResponse:
    reference = make_reference()
    address = find_client_address(request)
    # Nothing a stranger wrote goes into the log: an unknown client ID may be a secret in the
    # wrong field, and a path may hold control characters.
    logger.info(
        "%s refused: %s because %s (client %s, address %s, reference %s)%s",
        type(view).__name__,
        refusal.error,
        refusal.reason,
        refusal.client_id or "unknown",
        address,
        reference,
        f" {refusal.detail}" if refusal.detail else "",
    )
    if view.records_refusals:
        presented = refusal.presented if isinstance(refusal, InvalidClient) else None
        told = Refusal(
            at=datetime.now(UTC),
            reference=reference,
            reason=refusal.reason,
            client_id=refusal.client_id or "",
            address=address,
            evidence=Evidence.of(presented) if presented else None,
            detail=refusal.detail,
        )
        # An outage refuses everybody: one reason, which the log and the figures tell.
        is_ours = refusal.reason is RefusalReason.SERVER_NOT_READY
        record_refused(told, count_only=is_ours or status is HTTPStatus.TOO_MANY_REQUESTS)
    document = {
        "error": refusal.error,
        "error_description": f"{refusal.description} (reference {reference})",
    }
    return answer_json(document, status=status or refusal.status)
