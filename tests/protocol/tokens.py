"""Keys, tokens and forgeries for the tests of signatures and access tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import Expectation, verify_access_token
from django_cc.protocol.jose import PrivateKey, PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm

ISSUER = "https://auth.example.com"
AUDIENCE = "https://orders.example.com"
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
LEEWAY = timedelta(seconds=30)
EXPECTED = Expectation(issuer=ISSUER, audience=AUDIENCE, leeway=LEEWAY)
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "billing-sync",
    "aud": AUDIENCE,
    "client_id": "billing-sync",
    "scope": "orders:read",
    "iat": SECONDS,
    "exp": SECONDS + 600,
    "jti": "one",
}
GOOD = AccessTokenClaims.from_payload(CLAIMS)


_generate_once = cache(PrivateKey.generate)


def private_key(algorithm: SigningAlgorithm = SigningAlgorithm.ES256) -> PrivateKey:
    """Return this run's key of an algorithm."""
    return _generate_once(algorithm)


def kid_of(key: PrivateKey) -> KeyID:
    """Return the ID under which a key is published."""
    return KeyID(key.public_jwk()["kid"])


def published(*keys: PrivateKey) -> dict[KeyID, PublicKey]:
    """Return the public halves by key ID."""
    return {kid_of(key): PublicKey.from_jwk(key.public_jwk()) for key in keys}


def segment(content: bytes | str) -> str:
    """Return one segment of a compact serialization."""
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(header: str, payload: str, key: PrivateKey | None = None) -> str:
    """Return a well signed token of any text, which our own signer would never write."""
    signer = key or private_key()
    signed_part = f"{segment(header)}.{segment(payload)}"
    algorithm = jwt.get_algorithm_by_name(signer.algorithm.value)
    return f"{signed_part}.{segment(algorithm.sign(signed_part.encode(), signer.key))}"


def header_of(key: PrivateKey | None = None, **changes: object) -> str:
    """Return the header of an access token, with changes; None leaves a member out."""
    signer = key or private_key()
    members = {"typ": "at+jwt", "alg": signer.algorithm.value, "kid": kid_of(signer), **changes}
    return json.dumps({name: value for name, value in members.items() if value is not None})


def claims_without(*names: str, **changes: object) -> dict[str, Any]:
    """Return the claims of a good access token, with changes and omissions."""
    return {name: value for name, value in {**CLAIMS, **changes}.items() if name not in names}


def sign_claims(*missing: str, **changes: object) -> str:
    """Return an access token of ours, with changes and omissions among its claims."""
    return forge(header_of(), json.dumps(claims_without(*missing, **changes)))


def verify(
    token: str, *, expected: Expectation = EXPECTED, now: datetime = NOW
) -> AccessTokenClaims:
    """Return what an API reads in a token; it trusts this run's key of each algorithm."""
    keys = published(*(private_key(algorithm) for algorithm in SigningAlgorithm))
    return verify_access_token(token, keys, expected, now=now)
