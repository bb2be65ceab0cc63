"""Verify the access tokens of the issuers this project trusts (RFC 9068 §4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django_cc.protocol.access_token.jwt import (
    Expectation,
    read_unverified_token,
    verify_access_token,
)
from django_cc.protocol.errors import InvalidToken, RefusalReason
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.verification.remembered import RememberedToken
from django_cc.resource_server.verification.token_memory import TokenMemory
from django_cc.resource_server.verification.trusted_issuer import TrustedIssuer


class IssuersVerifier:
    """The one path of every token, whatever the strategy of its issuer.

    The token's own `iss` chooses the issuer, and only keys of that issuer verify it: a key ID
    that two issuers share opens nothing.
    """

    def __init__(
        self,
        issuers: Mapping[str, TrustedIssuer],
        *,
        leeway: timedelta,
        remembered: TokenMemory[RememberedToken],
    ) -> None:
        """Trust `issuers`, by identifier.

        Args:
            issuers: whose tokens are accepted.
            leeway: how far clocks may differ.
            remembered: where tokens that verified are kept. Only a good signature gets one in,
                so strangers cannot push others out.
        """
        self._issuers = issuers
        self._leeway = leeway
        self._remembered = remembered

    def recognises(self, token: str) -> bool:
        """Tell whether `token` is a JWT that names one of the issuers."""
        if self._remembered.find(token) is not None:
            return True
        read = read_unverified_token(token)
        return read is not None and read.issuer in self._issuers

    def find_default_audience(self) -> str | None:
        """Return the project's only API, or None when it has none or several."""
        found = {name for issuer in self._issuers.values() for name in issuer.get_audiences()}
        return found.pop() if len(found) == 1 else None

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:
        """Return the verified token.

        Raises:
            InvalidToken: any check fails.
            TemporarilyUnavailable: it cannot be told right now.
        """
        known = self._remembered.find(token)
        if known is None or not known.still_verifies(audience, leeway=self._leeway, now=now):
            known = self._verify_anew(token, audience, now=now)
            self._remembered.add(token, known)
        claims = known.issuer.confirm(token, known.claims, now=now)
        return AccessToken(claims, self._leeway)

    def _verify_anew(self, token: str, audience: str, *, now: datetime) -> RememberedToken:
        read = read_unverified_token(token)
        if read is None or read.issuer is None or read.kid is None:
            raise InvalidToken()
        issuer = self._issuers.get(read.issuer)
        if issuer is None:
            raise InvalidToken()
        if not issuer.vouches_for(audience):
            raise InvalidToken(reason=RefusalReason.WRONG_AUDIENCE)
        key = issuer.find_key(read.kid, now=now)
        if key is None:
            raise InvalidToken(reason=RefusalReason.UNKNOWN_KEY)
        expected = Expectation(read.issuer, audience, self._leeway)
        claims = verify_access_token(read, {read.kid: key}, expected, now=now)
        return RememberedToken(issuer, claims, read.kid, key)
