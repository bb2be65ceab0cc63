"""Tokens made to fool an API that trusts an issuer elsewhere: 401, never 500, and few fetches."""

import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.jwts import read_header, segment
from tests.machines import Machine, TokenEndpoint, call
from tests.projects.combined import BILLING_API, ISSUER, ORDERS_API
from tests.protocol.tokens import forge, header_of, kid_of, private_key
from tests.resource_server import issuer_server
from tests.resource_server.issuer_server import JWKS, METADATA, IssuerServer

NOW = int(time.time())
RSA = SigningAlgorithm.RS256


@pytest.fixture
def issuer(settings: Any, db: None) -> Iterator[IssuerServer]:
    """An issuer elsewhere that this project trusts for orders, besides itself."""
    with issuer_server.running() as server:
        server.keys.append(private_key(RSA).public_jwk())
        entry = {"issuer": server.issuer, "audience": ORDERS_API}
        settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUERS": [entry]}
        yield server


def claims_text(issuer: IssuerServer, *, add: str = "", **changes: Any) -> str:
    """Return claims as JSON text, to which anything may be added."""
    return json.dumps(issuer.claims(**changes))[:-1] + add + "}"


def assert_refused(token: str) -> None:
    answer = call(token=token)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_good_token_opens(issuer: IssuerServer) -> None:
    assert call(token=issuer.sign()).json()["user"] == "client:reporting"


@pytest.mark.rfc("9068", "4", "typ MUST be at+jwt or application/at+jwt")
@pytest.mark.parametrize(
    "typ",
    ["JWT", "id_token+jwt", "client-authentication+jwt", "dpop+jwt", "logout+jwt", "", None, 7],
    ids=repr,
)
def test_what_is_no_access_token_opens_nothing(issuer: IssuerServer, typ: Any) -> None:
    assert_refused(issuer.sign(header={"typ": typ}))


@pytest.mark.rfc("9068", "4", "aud MUST contain this resource server")
@pytest.mark.rfc("6750", "5.2", "The token is restricted to one audience, and no other accepts it")
@pytest.mark.rfc("OAuth 2.1", "5.2", "The resource server MUST verify that the token is for it")
@pytest.mark.parametrize(
    "audience",
    [BILLING_API, f"{ORDERS_API}/", ORDERS_API.upper(), "", None, 7, [BILLING_API], [], {}],
    ids=repr,
)
def test_a_token_for_another_api_opens_nothing(issuer: IssuerServer, audience: Any) -> None:
    assert_refused(issuer.sign(aud=audience))


def test_an_issuer_opens_no_api_but_those_of_its_settings(issuer: IssuerServer) -> None:
    token = issuer.sign(aud=BILLING_API, scope="billing:read")

    assert call("/api/billing/", token=token).status_code == 401


@pytest.mark.rfc("9068", "4", "iss MUST exactly match")
@pytest.mark.parametrize("suffix", ["/", "/x", "?", "#", " "])
def test_a_look_alike_of_the_issuer_opens_nothing(issuer: IssuerServer, suffix: str) -> None:
    assert_refused(issuer.sign(iss=issuer.issuer + suffix))
    assert issuer.asked == []


def test_the_key_id_of_another_issuer_opens_nothing(
    issuer: IssuerServer, token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    """The issuer elsewhere publishes a key under the name of ours, and signs as us with it."""
    own = token_endpoint.access_token(machine)
    kid = read_header(own)["kid"]
    evil = PrivateKey.generate(SigningAlgorithm.ES256)
    issuer.keys.append({**evil.public_jwk(), "kid": kid})
    as_us = issuer.sign(key=evil, header={"kid": kid}, iss=ISSUER)
    as_itself = issuer.sign(key=evil, header={"kid": kid})

    assert_refused(as_us)
    assert call(token=as_itself).status_code == 200
    assert call(token=own).status_code == 200


def test_one_issuer_does_not_sign_for_another(issuer: IssuerServer) -> None:
    assert_refused(issuer.sign(iss=ISSUER, client_generation=1))


@pytest.mark.rfc("8725", "3.1", "The algorithm is the one of the key")
def test_a_public_key_is_no_shared_secret(issuer: IssuerServer) -> None:
    pem = (
        private_key(RSA)
        .key.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    header = header_of(private_key(RSA), alg="HS256")
    signed_part = f"{segment(header.encode())}.{segment(issuer.claims())}"
    signature = hmac.digest(pem, signed_part.encode(), "sha256")

    assert_refused(f"{signed_part}.{segment(signature)}")


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "ES384", "PS256", "", None, 7], ids=repr
)
def test_another_algorithm_than_the_keys_opens_nothing(
    issuer: IssuerServer, algorithm: Any
) -> None:
    header = header_of(private_key(RSA), alg=algorithm)

    assert_refused(forge(header, claims_text(issuer), private_key(RSA)))
    assert_refused(f"{segment(header.encode())}.{segment(issuer.claims())}.")


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
def test_a_token_does_not_bring_its_own_key(issuer: IssuerServer, member: str) -> None:
    evil = PrivateKey.generate(SigningAlgorithm.ES256)
    values = {"jwk": evil.public_jwk(), "x5c": ["MIIB"]}
    header = {member: values.get(member, f"{issuer.issuer}/evil"), "kid": kid_of(private_key())}

    assert_refused(issuer.sign(key=evil, header=header))
    assert issuer.asked == [METADATA, JWKS]


def test_a_critical_extension_is_not_overlooked(issuer: IssuerServer) -> None:
    assert_refused(issuer.sign(header={"crit": ["b64"], "b64": False}))


@pytest.mark.rfc("7515", "4", "Member names MUST be unique")
@pytest.mark.parametrize(
    "added", [f', "aud": "{ORDERS_API}"', ', "scope": "orders:write"', ', "exp": 99999999999']
)
def test_duplicate_members_open_nothing(issuer: IssuerServer, added: str) -> None:
    assert_refused(forge(header_of(), claims_text(issuer, add=added)))


def test_duplicate_members_of_the_header_open_nothing(issuer: IssuerServer) -> None:
    header = header_of()[:-1] + ', "alg": "none"}'

    assert_refused(forge(header, claims_text(issuer)))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e400", '"99999999999"', "true", "null", "[]", "{}"]
)
def test_times_that_are_none_open_nothing(issuer: IssuerServer, name: str, value: str) -> None:
    text = claims_text(issuer, add=f', "{name}": {value}', **{name: None})

    assert_refused(forge(header_of(), text))


OTHER_TIMES: dict[str, Any] = {
    "expired": {"exp": NOW - 31},
    "expired long ago": {"exp": 0},
    "expired before there was time": {"exp": -1},
    "never expires": {"exp": 10**30},
    "issued in an hour": {"iat": NOW + 3600},
    "good in an hour": {"nbf": NOW + 3600},
    "good after the end of time": {"nbf": 10**400},
}


@pytest.mark.rfc("9068", "4", "exp MUST be in the future; RFC 7519 4.1.5: nbf, 4.1.6: iat")
@pytest.mark.parametrize("times", OTHER_TIMES.values(), ids=OTHER_TIMES)
def test_a_token_of_another_time_opens_nothing(issuer: IssuerServer, times: Any) -> None:
    assert_refused(forge(header_of(), claims_text(issuer, **times)))


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti REQUIRED")
@pytest.mark.parametrize("name", ["exp", "aud", "sub", "client_id", "iat", "jti"])
def test_a_token_without_a_required_claim_opens_nothing(issuer: IssuerServer, name: str) -> None:
    assert_refused(issuer.sign(**{name: None}))


def test_a_token_bound_to_a_key_opens_nothing_without_a_proof(issuer: IssuerServer) -> None:
    assert_refused(issuer.sign(cnf={"jkt": "x"}))


@pytest.mark.parametrize(
    "payload",
    ["[]", "7", "null", '"x"', "{", "", "[" * 5000, '{"a":' * 5000],
    ids=["list", "number", "null", "text", "open", "empty", "deep list", "deep object"],
)
def test_what_is_no_object_opens_nothing(issuer: IssuerServer, payload: str) -> None:
    assert_refused(forge(header_of(), payload))
    assert_refused(forge(payload, claims_text(issuer)))


def test_a_header_of_64_kilobytes_opens_nothing(issuer: IssuerServer) -> None:
    assert_refused(issuer.sign(padding="x" * 64 * 1024))
    assert issuer.asked == []


@pytest.mark.rfc("6750", "2", "MUST NOT use more than one method to transmit the token")
@pytest.mark.parametrize("query", ["access_token={}", "a=1&access_token=", "access%5Ftoken={}"])
def test_two_transports_are_refused(issuer: IssuerServer, query: str) -> None:
    token = issuer.sign()

    answer = call(f"/api/scoped/?{query.format(token)}", token=token)

    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "2.3", "A token in the query counts as none")
@pytest.mark.rfc("OAuth 2.1", "5.1", "A token in the query MUST be ignored")
@pytest.mark.rfc("9700", "4.3.2", "Access tokens MUST NOT be sent in the query")
def test_a_token_in_the_query_alone_counts_as_none(issuer: IssuerServer) -> None:
    answer = call(f"/api/scoped/?access_token={issuer.sign()}")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert issuer.asked == []


def test_two_authorization_headers_are_refused(issuer: IssuerServer) -> None:
    """A server joins them by a comma (RFC 9110 §5.3)."""
    token = issuer.sign()

    assert call(header=f"Bearer {token}, Bearer {token}").status_code == 400


def test_a_stranger_causes_no_more_than_one_fetch(issuer: IssuerServer) -> None:
    for number in range(20):
        call(token=issuer.sign(header={"kid": f"made up {number}"}))
        call(token=issuer.sign(key=PrivateKey.generate(SigningAlgorithm.ES256)))

    assert issuer.asked == [METADATA, JWKS]


def test_an_issuer_that_is_away_is_a_503_and_no_500(issuer: IssuerServer) -> None:
    issuer.stop()

    answer = call(token=issuer.sign())

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "WWW-Authenticate" not in answer
