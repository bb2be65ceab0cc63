"""What other JOSE libraries think of our tokens, and we of theirs."""

import json
from typing import Any

import jwt
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from django_cc.protocol.jose import PrivateKey, UnverifiedJWS, thumbprint
from django_cc.protocol.names import SigningAlgorithm
from tests.protocol.tokens import CLAIMS, kid_of, private_key, published

HEADER = {"typ": "at+jwt"}
# RFC 9864 renames EdDSA with this curve to Ed25519; joserfc warns of the older name.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
each_algorithm = pytest.mark.parametrize("algorithm", SigningAlgorithm)


def sign(key: PrivateKey) -> str:
    return key.sign({**HEADER, "kid": kid_of(key)}, CLAIMS)


def joserfc_key(key: PrivateKey) -> ECKey | OKPKey | RSAKey:
    kinds: dict[str, type[ECKey | OKPKey | RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    return kinds[key.public_jwk()["kty"]].import_key(key.to_pem())


@each_algorithm
def test_joserfc_verifies_what_we_sign(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    verified = jws.deserialize_compact(sign(key), joserfc_key(key), algorithms=[algorithm.value])

    assert json.loads(verified.payload) == CLAIMS


@each_algorithm
def test_pyjwt_verifies_what_we_sign(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)
    public_key = jwt.PyJWK(key.public_jwk())

    verified = jwt.decode(
        sign(key),
        public_key,
        algorithms=[algorithm.value],
        audience=CLAIMS["aud"],
        issuer=CLAIMS["iss"],
        options={"verify_exp": False, "verify_iat": False},
    )

    assert verified == CLAIMS


@each_algorithm
def test_we_verify_what_joserfc_signs(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)
    protected: dict[str, Any] = {**HEADER, "alg": algorithm.value, "kid": kid_of(key)}
    token = jws.serialize_compact(
        protected, b'{"iss":"a","n":[1,2]}', joserfc_key(key), algorithms=[algorithm.value]
    )

    assert UnverifiedJWS.parse(token).verify(published(key)) == {"iss": "a", "n": [1, 2]}


@each_algorithm
def test_we_verify_what_pyjwt_signs(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)
    token = jwt.encode(CLAIMS, key.key, algorithm.value, {**HEADER, "kid": kid_of(key)})

    assert UnverifiedJWS.parse(token).verify(published(key)) == CLAIMS


@each_algorithm
@pytest.mark.rfc("7638", "3", "the same thumbprint everywhere")
def test_joserfc_computes_the_same_thumbprint(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    assert joserfc_key(key).thumbprint() == thumbprint(key.public_jwk())
