"""Authenticate a client by a JWT it signed (RFC 7521, RFC 7523 and its successor rfc7523bis)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django_cc.protocol.errors import InvalidClient, InvalidRequest, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.jose import InvalidJWS, PublicKey, UnverifiedJWS
from django_cc.protocol.names import KeyID, Parameter

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 §2.2
LONGEST_LIFE = timedelta(minutes=5)  # RFC 7523 §3 point 4 lets us choose
MAX_TOKEN_ID_CHARACTERS = 255
# rfc7523bis §4: "client-authentication+jwt"; JWT for libraries from before it. Other types, such
# as at+jwt, were signed for something else.
_ACCEPTED_TYPES = frozenset({"jwt", "client-authentication+jwt"})


@dataclass(frozen=True, slots=True)
class ClientAssertionCredentials:
    """An assertion as presented, and whose it says it is; nobody has vouched for it yet."""

    client_id: str
    assertion: UnverifiedJWS

    @property
    def kid(self) -> KeyID | None:
        """Which of the client's keys signed it, as far as it says."""
        kid = self.assertion.header.get("kid")
        return KeyID(kid) if isinstance(kid, str) else None


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What must be remembered of an assertion that verified, so that it is used once.

    Attributes:
        kid: the key that signed it.
        token_id: its `jti`.
        expires_at: aware UTC.
    """

    kid: KeyID
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AssertionExpectation:
    """What this server demands of an assertion besides a good signature.

    Attributes:
        audiences: each good as the sole `aud`: the issuer, and for a client that is allowed to,
            the token endpoint.
        leeway: between the clocks of client and server.
    """

    audiences: Collection[str]
    leeway: timedelta


def read_assertion(form: Form) -> ClientAssertionCredentials:
    """Read the parameters of RFC 7521 §4.2.

    Raises:
        InvalidRequest: `client_id` is not the client that the assertion is for.
        InvalidClient: another type of assertion, no JWT, or one of two different clients.
    """
    if form.get(Parameter.CLIENT_ASSERTION_TYPE) != ASSERTION_TYPE:
        raise InvalidClient(reason=RefusalReason.AUTHENTICATION_METHOD_NOT_SUPPORTED)
    try:
        assertion = UnverifiedJWS.parse(form.get(Parameter.CLIENT_ASSERTION) or "")
    except InvalidJWS:
        raise InvalidClient(reason=RefusalReason.BAD_ASSERTION) from None
    subject, issuer = assertion.payload.get("sub"), assertion.payload.get("iss")
    # RFC 7523 §3 points 1 and 2: both are the client_id.
    if not isinstance(subject, str) or issuer != subject:
        raise InvalidClient(reason=RefusalReason.BAD_ASSERTION)
    if form.get(Parameter.CLIENT_ID) not in {None, subject}:
        raise InvalidRequest("The client_id of the body is not the one that authenticates.")
    return ClientAssertionCredentials(subject, assertion)


def verify_assertion(
    credentials: ClientAssertionCredentials,
    keys: Mapping[KeyID, PublicKey],
    expected: AssertionExpectation,
    *,
    now: datetime,
) -> VerifiedAssertion:
    """Return what an assertion says that is good now (RFC 7523 §3); it may have been used before.

    Raises:
        InvalidClient: wrong type, signature, audience, or times; the same words for all.
    """
    header, payload = credentials.assertion.header, credentials.assertion.payload
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _ACCEPTED_TYPES:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    kid = _verify_signature(credentials, keys)
    _require_audience(payload.get("aud"), expected)
    expires_at = _require_times(payload, leeway=expected.leeway, now=now)
    token_id = payload.get("jti")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= MAX_TOKEN_ID_CHARACTERS:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    return VerifiedAssertion(kid, token_id, expires_at)


def _verify_signature(
    credentials: ClientAssertionCredentials, keys: Mapping[KeyID, PublicKey]
) -> KeyID:
    kid = credentials.kid
    if kid is None and len(keys) == 1:
        # RFC 7515 §4.1.4: the header is optional, and with one key there is nothing to choose.
        kid = next(iter(keys))
    if kid is None or kid not in keys:
        raise _refuse(RefusalReason.UNKNOWN_KEY)
    try:
        credentials.assertion.verify_by(keys[kid])
    except InvalidJWS:
        raise _refuse(RefusalReason.BAD_ASSERTION) from None
    return kid


def _require_audience(audience: Any, expected: AssertionExpectation) -> None:
    # rfc7523bis §4: the issuer, "as its sole value"; compared as text.
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in expected.audiences:
        raise _refuse(RefusalReason.WRONG_AUDIENCE)


def _require_times(payload: Mapping[str, Any], *, leeway: timedelta, now: datetime) -> datetime:
    expires_at = _read_time(payload, "exp")
    if expires_at is None:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    if expires_at <= now - leeway:
        raise _refuse(RefusalReason.EXPIRED_ASSERTION)
    if expires_at > now + LONGEST_LIFE + leeway:
        raise _refuse(RefusalReason.ASSERTION_LIVES_TOO_LONG)
    for name in ("nbf", "iat"):
        earliest = _read_time(payload, name)
        if earliest is not None and earliest > now + leeway:
            raise _refuse(RefusalReason.BAD_ASSERTION)
    return expires_at


def _read_time(payload: Mapping[str, Any], name: str) -> datetime | None:
    if name not in payload:
        return None
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse(RefusalReason.BAD_ASSERTION)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise _refuse(RefusalReason.BAD_ASSERTION) from None


def _refuse(reason: RefusalReason) -> InvalidClient:
    return InvalidClient(reason=reason)
