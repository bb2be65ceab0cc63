"""A verifier of the port for projects without an authorization server, with a key of its own."""

import json
from datetime import datetime, timedelta

from django_cc.protocol.access_token.jwt import (
    Expectation,
    read_unverified_issuer,
    verify_access_token,
)
from django_cc.resource_server.access_token import AccessToken
from tests.protocol.tokens import claims_without, forge, header_of, private_key, published

ISSUER = "https://auth.example.com"
LEEWAY = timedelta(seconds=30)


class OfflineVerifier:
    """Verifies what `sign` signs."""

    def __init__(self, *audiences: str) -> None:
        self._audiences = audiences

    def is_issuer(self, issuer: str) -> bool:
        return issuer == ISSUER

    def recognises(self, token: str) -> bool:
        return read_unverified_issuer(token) == ISSUER

    def find_default_audience(self) -> str | None:
        return self._audiences[0] if len(self._audiences) == 1 else None

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:
        expected = Expectation(ISSUER, audience, LEEWAY)
        return AccessToken(verify_access_token(token, published(private_key()), expected, now=now))


def sign(*, now: datetime, scope: str, audience: str, client_id: str = "billing-sync") -> str:
    """Return an access token that an `OfflineVerifier` accepts."""
    seconds = int(now.timestamp())
    claims = claims_without(
        iss=ISSUER,
        aud=audience,
        sub=client_id,
        client_id=client_id,
        scope=scope,
        iat=seconds,
        exp=seconds + 600,
    )
    return forge(header_of(), json.dumps(claims))
