"""Keys: JWK, PEM and thumbprints (RFC 7517, RFC 7518, RFC 7638)."""

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from django_cc.protocol.jose import JWK, PrivateKey, PublicKey, thumbprint
from django_cc.protocol.names import SigningAlgorithm
from tests.protocol.tokens import private_key

ES256, RS256, EDDSA = SigningAlgorithm.ES256, SigningAlgorithm.RS256, SigningAlgorithm.EDDSA
RFC7638_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP"
    "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY"
    "368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f"
    "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)


@pytest.mark.rfc("7638", "3.1", "the example's thumbprint")
def test_computes_the_thumbprint_of_the_rfcs_rsa_key() -> None:
    jwk = {"kty": "RSA", "n": RFC7638_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}

    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.rfc("8037", "A.3", "the example's thumbprint")
def test_computes_the_thumbprint_of_the_rfcs_ed25519_key() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


PUBLIC_MEMBERS = {
    ES256: {"kty", "crv", "x", "y"},
    RS256: {"kty", "n", "e"},
    SigningAlgorithm.PS256: {"kty", "n", "e"},
    EDDSA: {"kty", "crv", "x"},
}


@pytest.mark.rfc("7517", "4", "kty, use, alg, kid; no private member")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_publishes_the_public_members_only(algorithm: SigningAlgorithm) -> None:
    jwk = private_key(algorithm).public_jwk()

    assert set(jwk) == PUBLIC_MEMBERS[algorithm] | {"kid", "alg", "use"}
    assert (jwk["alg"], jwk["use"], jwk["kid"]) == (algorithm.value, "sig", thumbprint(jwk))


@pytest.mark.rfc("7518", "6.2.1.2", "the coordinate's octets are as many as the curve's")
def test_keeps_the_leading_zero_of_a_coordinate() -> None:
    scalars = range(1, 5000)
    keys = (ec.derive_private_key(scalar, ec.SECP256R1()) for scalar in scalars)
    key = next(key for key in keys if key.public_key().public_numbers().x >> 248 == 0)

    jwk = PrivateKey(ES256, key).public_jwk()

    assert len(jwk["x"]) == 43
    assert PublicKey.from_jwk(jwk).key.public_numbers() == key.public_key().public_numbers()


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_a_key_survives_its_pem(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    loaded = PrivateKey.from_pem(algorithm, key.to_pem())

    assert loaded.public_jwk() == key.public_jwk()


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_two_keys_differ(algorithm: SigningAlgorithm) -> None:
    assert PrivateKey.generate(algorithm).public_jwk() != private_key(algorithm).public_jwk()


@pytest.mark.rfc("7518", "3.3", "A key of size 2048 bits or larger MUST be used")
def test_makes_rsa_keys_of_3072_bits() -> None:
    assert private_key(RS256).key.key_size == 3072


def pem_of(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    password: bytes | None = None,
) -> bytes:
    encryption: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


SMALL_RSA = rsa.generate_private_key(65537, 1024)
P384 = ec.generate_private_key(ec.SECP384R1())
BAD_PEM = {
    "garbage": (ES256, b"garbage"),
    "empty": (ES256, b""),
    "encrypted": (ES256, pem_of(P384, b"password")),
    "RSA for ES256": (ES256, pem_of(SMALL_RSA)),
    "EC for RS256": (RS256, pem_of(P384)),
    "Ed25519 for ES256": (ES256, pem_of(ed25519.Ed25519PrivateKey.generate())),
    "P-384 for ES256": (ES256, pem_of(P384)),
    "RSA of 1024 bits": (RS256, pem_of(SMALL_RSA)),
}


@pytest.mark.rfc("7518", "3.3", "2048 bits or larger MUST be used; 3.4: ES256 is P-256")
@pytest.mark.parametrize(("algorithm", "pem"), BAD_PEM.values(), ids=BAD_PEM)
def test_refuses_a_pem_that_is_no_key_of_the_algorithm(
    algorithm: SigningAlgorithm, pem: bytes
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PrivateKey.from_pem(algorithm, pem)


BAD_MEMBERS: dict[str, tuple[SigningAlgorithm, dict[str, object]]] = {
    "no algorithm": (ES256, {"alg": None}),
    "symmetric": (ES256, {"alg": "HS256"}),
    "none": (ES256, {"alg": "none"}),
    "algorithm in a list": (ES256, {"alg": ["ES256"]}),
    "another algorithm": (ES256, {"alg": "RS256"}),
    "no type": (ES256, {"kty": None}),
    "symmetric type": (ES256, {"kty": "oct"}),
    "unknown curve": (ES256, {"crv": "P-257"}),
    "curve in a list": (ES256, {"crv": []}),
    "point off the curve": (ES256, {"y": private_key(ES256).public_jwk()["x"]}),
    "short coordinate": (ES256, {"x": "AAAA"}),
    "coordinate of one character": (ES256, {"x": "A"}),
    "coordinate a number": (ES256, {"x": 5}),
    "coordinate null": (ES256, {"y": None}),
    "modulus empty": (RS256, {"n": ""}),
    "modulus a number": (RS256, {"n": 5}),
    "exponent one": (RS256, {"e": "AQ"}),
    "exponent a number": (RS256, {"e": 65537}),
    "X25519": (EDDSA, {"crv": "X25519"}),
    "short public key": (EDDSA, {"x": "AAAA"}),
    "public key a number": (EDDSA, {"x": 5}),
}


@pytest.mark.parametrize(("algorithm", "changes"), BAD_MEMBERS.values(), ids=BAD_MEMBERS)
def test_refuses_a_malformed_jwk(algorithm: SigningAlgorithm, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PublicKey.from_jwk({**private_key(algorithm).public_jwk(), **changes})


@pytest.mark.rfc("9864", "2.2", "Ed25519 names EdDSA with that curve")
def test_reads_a_key_by_the_newer_name_of_its_algorithm() -> None:
    jwk = private_key(SigningAlgorithm.EDDSA).public_jwk()

    assert PublicKey.from_jwk({**jwk, "alg": "Ed25519"}).to_jwk() == jwk


@pytest.mark.parametrize("member", ["alg", "kty", "crv", "x", "y"])
def test_refuses_a_jwk_that_lacks_a_member(member: str) -> None:
    jwk = private_key(ES256).public_jwk()

    del jwk[member]

    with pytest.raises(ValueError, match=r".+"):
        PublicKey.from_jwk(jwk)


def exported(algorithm: SigningAlgorithm, key: object) -> JWK:
    jwk: JWK = jwt.get_algorithm_by_name(algorithm.value).to_jwk(key, as_dict=True)
    return {**jwk, "alg": algorithm.value}


@pytest.mark.rfc("7518", "3.4", "ES256 is ECDSA using P-256")
def test_refuses_a_key_of_another_curve() -> None:
    with pytest.raises(ValueError, match=r".+"):
        PublicKey.from_jwk(exported(ES256, P384.public_key()))


@pytest.mark.rfc("7518", "3.3", "A key of size 2048 bits or larger MUST be used")
@pytest.mark.parametrize("algorithm", [RS256, SigningAlgorithm.PS256])
def test_refuses_a_small_rsa_key(algorithm: SigningAlgorithm) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PublicKey.from_jwk(exported(algorithm, SMALL_RSA.public_key()))


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_a_private_jwk_is_no_public_key(algorithm: SigningAlgorithm) -> None:
    private_jwk = exported(algorithm, private_key(algorithm).key)

    with pytest.raises(ValueError, match=r".+"):
        PublicKey.from_jwk(private_jwk)
