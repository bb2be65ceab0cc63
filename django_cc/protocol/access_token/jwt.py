"""Access tokens as signed JWTs (RFC 9068)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.errors import InvalidToken, RefusalReason
from django_cc.protocol.jose import InvalidJWS, PrivateKey, PublicKey, UnverifiedJWS
from django_cc.protocol.names import ACCESS_TOKEN_TYPE_HEADER, KeyID

_ACCEPTED_TYPES = frozenset({ACCESS_TOKEN_TYPE_HEADER, f"application/{ACCESS_TOKEN_TYPE_HEADER}"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an API demands of a token besides a good signature (RFC 9068 §4)."""

    issuer: str
    audience: str
    leeway: timedelta


def sign_access_token(claims: AccessTokenClaims, *, kid: KeyID, key: PrivateKey) -> str:
    """Return the token, with the header of `describe_header`."""
    return key.sign(describe_header(kid, key), claims.to_payload())


def describe_header(kid: KeyID, key: PrivateKey) -> dict[str, str]:
    """Return the header of a token that `key` signs: `typ` is `at+jwt` (§2.1), `kid` names it."""
    return {"typ": ACCESS_TOKEN_TYPE_HEADER, "kid": kid, "alg": key.algorithm.value}


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A JWT, and who it says it is from: good only for choosing who has to verify it, by which key.

    Attributes:
        issuer: whom it names; None where it names nobody.
        kid: which key of that issuer.
        jws: the token itself, read.
    """

    issuer: str | None
    kid: KeyID | None
    jws: UnverifiedJWS


def read_unverified_token(token: str) -> UnverifiedToken | None:
    """Return what a JWT says of its origin, unverified; None where `token` is no JWT."""
    try:
        parsed = UnverifiedJWS.parse(token)
    except InvalidJWS:
        return None
    issuer, kid = parsed.payload.get("iss"), parsed.header.get("kid")
    return UnverifiedToken(
        issuer if isinstance(issuer, str) else None,
        KeyID(kid) if isinstance(kid, str) else None,
        parsed,
    )


def read_unverified_issuer(token: str) -> str | None:
    """Return the issuer a JWT names, or None when `token` is no JWT that names one."""
    read = read_unverified_token(token)
    return read.issuer if read else None


def verify_access_token(
    token: str | UnverifiedToken,
    keys: Mapping[KeyID, PublicKey],
    expected: Expectation,
    *,
    now: datetime,
) -> AccessTokenClaims:
    """Return the claims of a token that is good for this API now (RFC 9068 §4).

    Checked: `typ`, signature by one of `keys`, the exact `iss`, our `aud`, and the times with
    leeway. Whether its client is still allowed what it says is the issuer's to know.

    Raises:
        InvalidToken: any of it fails.
    """
    claims, payload = _verify_origin(token, keys, issuer=expected.issuer)
    if claims.audience != expected.audience:
        raise InvalidToken(reason=RefusalReason.WRONG_AUDIENCE, client_id=claims.client_id)
    _require_time(claims, payload, leeway=expected.leeway, now=now)
    return claims


def verify_issued_token(
    token: str,
    keys: Mapping[KeyID, PublicKey],
    *,
    issuer: str,
    leeway: timedelta,
    now: datetime,
) -> AccessTokenClaims:
    """Return the claims of a token that `issuer` issued and that is good now, for whatever API.

    For the issuer itself, which answers others about its tokens; an API must use
    `verify_access_token`, which demands its own audience.

    Raises:
        InvalidToken: wrong type, signature, issuer or time.
    """
    claims, payload = _verify_origin(token, keys, issuer=issuer)
    _require_time(claims, payload, leeway=leeway, now=now)
    return claims


def read_issued_token(
    token: str, keys: Mapping[KeyID, PublicKey], *, issuer: str
) -> AccessTokenClaims:
    """Return the claims of a token that `issuer` signed, also of one that has expired.

    For telling people about a token, never for letting one in.

    Raises:
        InvalidToken: wrong type, signature or issuer.
    """
    claims, _payload = _verify_origin(token, keys, issuer=issuer)
    return claims


def _verify_origin(
    token: str | UnverifiedToken, keys: Mapping[KeyID, PublicKey], *, issuer: str
) -> tuple[AccessTokenClaims, Mapping[str, Any]]:
    try:
        parsed = UnverifiedJWS.parse(token) if isinstance(token, str) else token.jws
        _require_type(parsed.header.get("typ"))
        payload = parsed.verify(keys)
    except InvalidJWS:
        raise InvalidToken() from None
    claims = AccessTokenClaims.from_payload(payload)
    if "cnf" in payload:  # bound to a key (RFC 7800) that nobody here asks for a proof of
        raise InvalidToken()
    if claims.issuer != issuer:
        raise InvalidToken()
    return claims, payload


def _require_type(typ: Any) -> None:
    # RFC 7515 §4.1.9: media type names, compared without regard to case.
    if not isinstance(typ, str) or typ.lower() not in _ACCEPTED_TYPES:
        raise InvalidToken()


def _require_time(
    claims: AccessTokenClaims, payload: Mapping[str, Any], *, leeway: timedelta, now: datetime
) -> None:
    if claims.expires_at <= now - leeway:
        raise InvalidToken(
            "The access token expired: request a new one.",
            reason=RefusalReason.EXPIRED_TOKEN,
            client_id=claims.client_id,
        )
    not_before = payload.get("nbf", payload["iat"])
    earliest = max(claims.issued_at.timestamp(), _seconds(not_before))
    if earliest > (now + leeway).timestamp():
        raise InvalidToken()


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken()
    return value
