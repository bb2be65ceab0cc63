"""A token that verified once, so that the next request with it costs no signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID
from django_cc.resource_server.verification.trusted_issuer import TrustedIssuer


@dataclass(frozen=True, slots=True)
class RememberedToken:
    """What was found when signature and claims were verified.

    Attributes:
        issuer: who vouches for it.
        claims: what it says.
        kid: the name of the key that signed it.
        key: that key.
    """

    issuer: TrustedIssuer
    claims: AccessTokenClaims
    kid: KeyID
    key: PublicKey

    def still_verifies(self, audience: str, *, leeway: timedelta, now: datetime) -> bool:
        """Tell whether verifying it anew would find the same.

        It would not once it has expired, for another API, or where the issuer has dropped the
        key or has another one under its name.

        Raises:
            TemporarilyUnavailable: the keys of its issuer are not known well enough.
        """
        if self.claims.audience != audience or self.claims.expires_at <= now - leeway:
            return False
        return self.issuer.find_key(self.kid, now=now) == self.key
