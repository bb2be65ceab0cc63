"""What the verifier asks of an issuer whose tokens this project accepts: the strategies' port."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID


class TrustedIssuer(Protocol):
    """An issuer, and how this process learns of its keys and of the end of its tokens.

    One object for each issuer and process, used by many threads.
    """

    def get_audiences(self) -> Collection[str]:
        """Return the identifiers of those of this project's APIs that views may belong to."""
        ...

    def vouches_for(self, audience: str) -> bool:
        """Tell whether tokens of this issuer may open the API of this identifier."""
        ...

    def find_key(self, kid: KeyID, *, now: datetime) -> PublicKey | None:
        """Return the key of that ID, or None where the issuer has none that verifies at `now`.

        Args:
            kid: what a token names; anybody can make one up.
            now: aware UTC.

        Raises:
            TemporarilyUnavailable: no keys are known, or what is known is too old.
        """
        ...

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:
        """Return the claims of a token that verified, as they hold now.

        Asked at each use, also of tokens that are remembered.

        Raises:
            InvalidToken: its issuer ended it before its time.
            TemporarilyUnavailable: that cannot be told right now.
        """
        ...
