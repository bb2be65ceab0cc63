"""OAuth's registered errors, one exception class for each.

The words of a description go over the wire: ASCII, no quotes, no backslashes, never translated
(RFC 6749 §5.2), and nothing in them tells one cause of `invalid_client` from another. The cause
itself is the `reason`, for the log alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar

from django_cc.protocol.secret_text import SecretText


class RefusalReason(StrEnum):
    """Why a request was refused; never sent to the caller."""

    MALFORMED_REQUEST = "malformed_request"
    NO_CREDENTIALS = "no_credentials"
    MALFORMED_CREDENTIALS = "malformed_credentials"
    AUTHENTICATION_METHOD_NOT_SUPPORTED = "authentication_method_not_supported"
    UNKNOWN_CLIENT = "unknown_client"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 - a reason's name
    EXPIRED_SECRET = "expired_secret"  # noqa: S105 - a reason's name
    REVOKED_SECRET = "revoked_secret"  # noqa: S105 - a reason's name
    SECRET_OF_ANOTHER_CLIENT = "secret_of_another_client"  # noqa: S105 - a reason's name
    SECRET_WITH_BLANKS = "secret_with_blanks"  # noqa: S105 - a reason's name
    SECRET_NOT_KNOWN_YET = "secret_not_known_yet"  # noqa: S105 - a reason's name
    NOT_A_SECRET = "not_a_secret"  # noqa: S105 - a reason's name
    OLD_SECRET_NOT_CHECKED = "old_secret_not_checked"  # noqa: S105 - a reason's name
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BAD_ASSERTION = "bad_assertion"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED_KEY = "expired_key"
    KEYS_UNAVAILABLE = "keys_unavailable"
    EXPIRED_ASSERTION = "expired_assertion"
    WRONG_ASSERTION_AUDIENCE = "wrong_assertion_audience"
    ASSERTION_LIVES_TOO_LONG = "assertion_lives_too_long"
    REPLAYED_ASSERTION = "replayed_assertion"
    CLIENT_DISABLED = "client_disabled"
    CLIENT_EXPIRED = "client_expired"
    NETWORK_NOT_ALLOWED = "network_not_allowed"
    RATE_LIMITED = "rate_limited"
    GRANT_NOT_SUPPORTED = "grant_not_supported"
    SCOPE_NOT_GRANTED = "scope_not_granted"
    SCOPE_AMBIGUOUS = "scope_ambiguous"
    API_NOT_GRANTED = "api_not_granted"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a reason's name
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a reason's name
    REVOKED_TOKEN = "revoked_token"  # noqa: S105 - a reason's name
    WRONG_AUDIENCE = "wrong_audience"
    NOT_ADOPTED = "not_adopted"
    SERVER_NOT_READY = "server_not_ready"


class OAuthError(Exception):
    """A request refused with a registered error code.

    Attributes:
        error: the code of the wire.
        status: the HTTP status that belongs to it.
        description: safe words for `error_description`.
        reason: what really happened, for the log.
        client_id: the registered client concerned, when the request proved or named one.
        detail: a sentence on top of the reason, for the log and the trail; one line, no secret.
    """

    error: ClassVar[str]
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST

    def __init__(
        self,
        description: str,
        *,
        reason: RefusalReason = RefusalReason.MALFORMED_REQUEST,
        client_id: str | None = None,
    ) -> None:
        """Keep the public words and the private reason apart."""
        super().__init__(description)
        self.description = description
        self.reason = reason
        self.client_id = client_id
        self.detail = ""


@dataclass(frozen=True, slots=True)
class PresentedSecret:
    """What came in place of the right credentials, for a diagnosis after the answer.

    For memory alone, never to be stored; empty where nothing came.

    Attributes:
        client_id: as presented; it may be a secret in the wrong field.
        secret: as presented.
    """

    client_id: SecretText
    secret: SecretText


class InvalidRequest(OAuthError):
    """The request is malformed (RFC 6749 §5.2, RFC 6750 §3.1)."""

    error = "invalid_request"


class MalformedBearer(InvalidRequest):
    """The Authorization header says Bearer, and not one token follows (RFC 6750 §2.1, §3.1)."""


class InvalidClient(OAuthError):
    """Client authentication failed (RFC 6749 §5.2).

    The same words for every cause, unless `description` helps a caller who sent no credentials
    at all: nobody may learn which client IDs exist.

    Attributes:
        presented: what came instead of the right secret, where one came.
    """

    error = "invalid_client"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(
        self,
        description: str = "Client authentication failed.",
        *,
        reason: RefusalReason,
        client_id: str | None = None,
        presented: PresentedSecret | None = None,
    ) -> None:
        """Default to the one sentence that gives nothing away."""
        super().__init__(description, reason=reason, client_id=client_id)
        self.presented = presented


class UnauthorizedClient(OAuthError):
    """The client is who it says, and may not use this grant, or not from here (RFC 6749 §5.2)."""

    error = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """This server does not serve the grant (RFC 6749 §5.2)."""

    error = "unsupported_grant_type"


class InvalidScope(OAuthError):
    """The scope is malformed, unknown, or more than the client holds (RFC 6749 §5.2)."""

    error = "invalid_scope"


class ScopeNotGranted(InvalidScope):
    """A scope is unknown or not granted; the words do not tell which of both.

    Attributes:
        requested: the scope that was asked for.
        audience: at which API, where the request named one.
    """

    def __init__(self, requested: Iterable[str], *, audience: str | None) -> None:
        """Keep what was asked for, to be explained to whoever runs the client."""
        super().__init__(
            "A requested scope is unknown or not granted to this client.",
            reason=RefusalReason.SCOPE_NOT_GRANTED,
        )
        self.requested = frozenset(requested)
        self.audience = audience


class InvalidTarget(OAuthError):
    """The resource is malformed, unknown, or not granted: the same words for all (RFC 8707 §2)."""

    error = "invalid_target"


class InvalidToken(OAuthError):
    """The access token is expired, revoked, malformed, or not for this API (RFC 6750 §3.1)."""

    error = "invalid_token"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(
        self,
        description: str = "The access token is invalid.",
        *,
        reason: RefusalReason = RefusalReason.BAD_TOKEN,
        client_id: str | None = None,
    ) -> None:
        """Keep what is wrong with a token from whoever stole it; `description` may say expired."""
        super().__init__(description, reason=reason, client_id=client_id)


class InsufficientScope(OAuthError):
    """The access token is good, and not for this (RFC 6750 §3.1).

    Attributes:
        required: the scope it would take.
    """

    error = "insufficient_scope"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, required: Iterable[str], *, client_id: str | None = None) -> None:
        """Name the scope it would take."""
        super().__init__(
            "The access token does not reach this resource.",
            reason=RefusalReason.SCOPE_NOT_GRANTED,
            client_id=client_id,
        )
        self.required = frozenset(required)


class TemporarilyUnavailable(OAuthError):
    """The server cannot answer truthfully now (RFC 6749 §4.1.2.1 has the code, 503 the meaning).

    Attributes:
        retry_after: seconds after which another try makes sense.
    """

    error = "temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(
        self,
        description: str,
        *,
        retry_after: int = 5,
        reason: RefusalReason = RefusalReason.SERVER_NOT_READY,
    ) -> None:
        """Say how many seconds to wait."""
        super().__init__(description, reason=reason)
        self.retry_after = retry_after


class RateExceeded(TemporarilyUnavailable):
    """The client has had as many tokens as it may (RFC 6585 §4); OAuth has no code of its own."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, retry_after: int) -> None:
        """Say how many seconds to wait."""
        super().__init__(
            "This client asks for tokens too often: use each until it expires.",
            retry_after=retry_after,
            reason=RefusalReason.RATE_LIMITED,
        )


class SecretNotChecked(TemporarilyUnavailable):
    """A secret that is slow to check was not checked: too many were wrong (RFC 6749 §2.3.1)."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, retry_after: int) -> None:
        """Say how many seconds to wait."""
        super().__init__(
            "Too many requests failed to authenticate: try again later.",
            retry_after=retry_after,
            reason=RefusalReason.OLD_SECRET_NOT_CHECKED,
        )
