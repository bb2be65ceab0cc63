"""Verify tokens by the published keys of their issuer: the strategy `jwt`."""

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.errors import TemporarilyUnavailable
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID
from django_cc.remote.jwk_set import CachePolicy, KeysUnavailable, RemoteJWKSet
from django_cc.resource_server.verification.discovery import fetch_jwk_set
from django_cc.resource_server.verification.issuer_settings import IssuerSettings


class OfflineIssuer:
    """An issuer elsewhere, of which this process knows the keys and nothing more.

    What ends a token before its time is not seen here: it lives until it expires.
    """

    def __init__(self, settings: IssuerSettings) -> None:
        """Describe the issuer; nothing is fetched yet."""
        self._settings = settings
        self._keys = RemoteJWKSet(
            partial(fetch_jwk_set, settings),
            CachePolicy(max_stale=settings.jwks_max_stale),
            name=settings.issuer,
        )

    def get_audiences(self) -> Collection[str]:
        """Return the APIs of the settings."""
        return self._settings.audience

    def vouches_for(self, audience: str) -> bool:
        """Tell whether the settings let this issuer's tokens open that API."""
        return audience in self._settings.audience

    def find_key(self, kid: KeyID, *, now: datetime) -> PublicKey | None:
        """Return the key of that ID, or None where the issuer publishes none.

        An unknown ID may cost a fetch, one in a while whatever strangers make up.

        Raises:
            TemporarilyUnavailable: the keys were never fetched, or not for JWKS_MAX_STALE.
        """
        try:
            return self._keys.find_key(kid, now=now)
        except KeysUnavailable:  # the fetch that failed has told the log
            raise TemporarilyUnavailable("Tokens cannot be verified right now.") from None

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:  # noqa: ARG002 - the port's signature
        """Return the claims as they are."""
        return claims
