"""RFC 9068 §2: what an access token says, read by a library that is not ours."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client as HTTPClient
from joserfc import jwt
from joserfc.jwk import KeySet

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.jwts import read_claims, read_header
from tests.machines import ACTOR, Machine, TokenEndpoint
from tests.projects.combined import ISSUER, ORDERS_API


def fetch_jwks() -> Any:
    return json.loads(HTTPClient().get("/oauth/jwks", secure=True).content)


@pytest.mark.rfc("9068", "2.1", "Signed; typ SHOULD be at+jwt")
# RFC 9864 renames it to Ed25519, which few libraries know yet.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
def test_is_signed_by_a_published_key(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any, algorithm: str
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SIGNING_ALGORITHM": algorithm}
    ensure_signing_key(ACTOR)
    token = token_endpoint.access_token(machine)

    verified = jwt.decode(token, KeySet.import_key_set(fetch_jwks()), algorithms=[algorithm])

    assert verified.header["typ"] == "at+jwt"
    assert verified.claims["client_id"] == machine.client_id


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti REQUIRED")
def test_carries_every_required_claim(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    claims = read_claims(token_endpoint.access_token(machine))

    assert claims["iss"] == ISSUER
    assert claims["aud"] == ORDERS_API
    assert claims["client_id"] == machine.client_id
    assert claims["exp"] == claims["iat"] + 600
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 30


@pytest.mark.rfc("9068", "2.2", "sub of a client credentials token SHOULD identify the client")
def test_has_the_client_as_its_subject(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    claims = read_claims(token_endpoint.access_token(machine))

    assert claims["sub"] == machine.client_id


@pytest.mark.rfc("9700", "4.15", "The resource server must be able to tell clients from users")
@pytest.mark.rfc("9068", "5", "A subject must not be mistaken for a user's")
def test_prefixes_the_subject_on_request(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SUBJECT_PREFIX": "client:"}

    claims = read_claims(token_endpoint.access_token(machine))

    assert claims["sub"] == f"client:{machine.client_id}"


@pytest.mark.rfc("6749", "10.10", "The probability of guessing a token is at most 2^-160")
def test_has_an_identifier_of_its_own(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    tokens = [token_endpoint.access_token(machine) for _ in range(3)]

    assert len({read_claims(token)["jti"] for token in tokens}) == 3


@pytest.mark.rfc("7515", "4.1.4", "kid tells which key secured the JWS")
def test_names_its_key(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    header = read_header(token_endpoint.access_token(machine))

    assert header["kid"] in {key["kid"] for key in fetch_jwks()["keys"]}


@pytest.mark.rfc("7517", "9.2", "Private members must not be published")
@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_publishes_no_private_member(db: None, settings: Any, algorithm: str) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SIGNING_ALGORITHM": algorithm}
    ensure_signing_key(ACTOR)

    keys = fetch_jwks()["keys"]

    private = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
    assert [key["alg"] for key in keys] == [algorithm, algorithm]
    assert not any(key.keys() & private for key in keys)
