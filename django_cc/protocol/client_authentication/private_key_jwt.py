"""Authenticate a client by a JWT it signed (RFC 7521, RFC 7523 and its successor rfc7523bis)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django_cc.protocol.client import (
    AuthenticatedClient,
    AuthenticationFamily,
    Client,
    CredentialRef,
    StoredKey,
)
from django_cc.protocol.client_authentication.decoy_keys import DECOY_KEYS
from django_cc.protocol.errors import InvalidClient, InvalidRequest, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.jose import InvalidJWS, UnverifiedJWS
from django_cc.protocol.names import ClientID, KeyID, Parameter

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
        client_id: who issued it: its `iss` and `sub`.
        token_id: its `jti`.
        expires_at: aware UTC.
    """

    client_id: ClientID
    token_id: str
    expires_at: datetime


class UsedAssertions(Protocol):
    """Remembers which assertions were used, for all processes together."""

    def record_first_use(self, assertion: VerifiedAssertion) -> None:
        """Record a use, for good, before the request can fail for another reason.

        Raises:
            InvalidClient: it was used before, perhaps a moment ago by another process.
            TemporarilyUnavailable: that cannot be told now.
        """
        ...


class PublishedKeys(Protocol):
    """Finds the keys that clients publish as a JWK Set, instead of handing them over."""

    def find_key(self, client: Client, kid: KeyID | None, *, now: datetime) -> StoredKey | None:
        """Return the key of that ID, or None where the client publishes none.

        It may ask another server, so it is called only for an assertion that would be accepted if
        its signature were right, and must bound how often strangers make it ask.

        Args:
            client: one with a `jwks_uri`.
            kid: which; None for the only one.
            now: aware UTC.

        Raises:
            InvalidClient: the set cannot be had, with the reason `keys_unavailable`.
        """
        ...


@dataclass(frozen=True, slots=True)
class AssertionRules:
    """What this server demands of an assertion besides a good signature.

    Attributes:
        issuer: this server's issuer identifier, good as `aud` for every client.
        token_endpoint: its URL, good as `aud` for the clients that are allowed to.
        leeway: between the clocks of client and server.
        used: where uses are recorded.
        published: where keys are that were not registered one by one.
    """

    issuer: str
    token_endpoint: str
    leeway: timedelta
    used: UsedAssertions
    published: PublishedKeys


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


def verify_client_assertion(
    credentials: ClientAssertionCredentials,
    client: Client | None,
    rules: AssertionRules,
    *,
    now: datetime,
) -> AuthenticatedClient:
    """Return the client that signed the assertion, and use the assertion up (RFC 7523 §3).

    The key is one that is registered, else one that the client publishes.

    Raises:
        InvalidClient: unknown client, one that authenticates by secrets, another type of JWT,
            wrong key, signature, audience or times, an assertion that was used before, a
            disabled or expired client, or one whose published keys cannot be had; the same
            words for all.
        TemporarilyUnavailable: its use cannot be recorded now.
    """
    key, fault = _choose_key(credentials, client), None
    if key is None and client is not None and client.jwks_uri:
        try:
            key = _find_published_key(credentials, client, rules, now=now)
        except InvalidClient as refusal:
            fault = refusal
    is_signed = _has_signature_of(key, credentials.assertion)
    if client is None:
        raise _refuse(RefusalReason.UNKNOWN_CLIENT)
    try:
        if fault is not None:
            raise fault
        _require_family(client, now=now)
        key = _require_live(key, is_signed=is_signed, now=now)
        verified = _verify_claims(credentials, client, rules, now=now)
        _require_no_obstacle(client, now=now)
    except InvalidClient as refusal:
        refusal.client_id = client.client_id
        raise
    rules.used.record_first_use(verified)
    return AuthenticatedClient(client, CredentialRef(AuthenticationFamily.PRIVATE_KEY_JWT, key.kid))


def _find_published_key(
    credentials: ClientAssertionCredentials, client: Client, rules: AssertionRules, *, now: datetime
) -> StoredKey | None:
    # What is refused whoever signed it must not make this server ask another one.
    _require_family(client, now=now)
    _verify_claims(credentials, client, rules, now=now)
    _require_no_obstacle(client, now=now)
    if credentials.assertion.algorithm is None:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    return rules.published.find_key(client, credentials.kid, now=now)


def _choose_key(credentials: ClientAssertionCredentials, client: Client | None) -> StoredKey | None:
    if client is None:
        return None
    if "kid" not in credentials.assertion.header and len(client.keys) == 1:
        # RFC 7515 §4.1.4: the header is optional, and with one key there is nothing to choose.
        return next(iter(client.keys.values()))
    kid = credentials.kid
    return None if kid is None else client.keys.get(kid)


def _has_signature_of(key: StoredKey | None, assertion: UnverifiedJWS) -> bool:
    """Tell whether the key signed it; verifies once, by a decoy where there is no fitting key.

    Equal work hides which client IDs and key IDs exist.
    """
    algorithm = assertion.algorithm
    if algorithm is None:  # no other algorithm is anybody's
        return False
    fits = key is not None and key.public_key.algorithm is algorithm
    verifier = key.public_key if key is not None and fits else DECOY_KEYS[algorithm]
    try:
        assertion.verify_by(verifier)
    except InvalidJWS:
        return False
    return fits


def _require_family(client: Client, *, now: datetime) -> None:
    if AuthenticationFamily.PRIVATE_KEY_JWT not in client.authentication_families(now):
        raise _refuse(RefusalReason.METHOD_NOT_ALLOWED)


def _require_no_obstacle(client: Client, *, now: datetime) -> None:
    obstacle = client.find_obstacle(now=now)
    if obstacle is not None:
        raise _refuse(obstacle)


def _require_live(key: StoredKey | None, *, is_signed: bool, now: datetime) -> StoredKey:
    if key is None:
        raise _refuse(RefusalReason.UNKNOWN_KEY)
    if not is_signed:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    if key.expires_at is not None and key.expires_at <= now:
        raise _refuse(RefusalReason.EXPIRED_KEY)
    return key


def _verify_claims(
    credentials: ClientAssertionCredentials, client: Client, rules: AssertionRules, *, now: datetime
) -> VerifiedAssertion:
    header, payload = credentials.assertion.header, credentials.assertion.payload
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in _ACCEPTED_TYPES:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    audiences = {rules.issuer}
    if client.accepts_endpoint_audience:
        audiences.add(rules.token_endpoint)
    _require_audience(payload.get("aud"), audiences)
    expires_at = _require_times(payload, leeway=rules.leeway, now=now)
    token_id = payload.get("jti")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= MAX_TOKEN_ID_CHARACTERS:
        raise _refuse(RefusalReason.BAD_ASSERTION)
    return VerifiedAssertion(client.client_id, token_id, expires_at)


def _require_audience(audience: Any, accepted: set[str]) -> None:
    # rfc7523bis §4: the issuer, "as its sole value"; compared as text.
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or audience not in accepted:
        raise _refuse(RefusalReason.WRONG_ASSERTION_AUDIENCE)


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
