"""Public keys in PEM (RFC 7468)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.public_jwk import JWKProblem, UnusableJWK, read_public_jwk
from django_cc.protocol.public_pem import read_public_pem
from tests.console.pasted_keys import list_private_texts, to_public_pem, write_public
from tests.protocol.tokens import private_key

RSA = {SigningAlgorithm.RS256, SigningAlgorithm.PS256}


def find_problem(pem: str, rsa_algorithm: SigningAlgorithm | None = None) -> UnusableJWK:
    with pytest.raises(UnusableJWK) as caught:
        read_public_pem(pem, rsa_algorithm=rsa_algorithm)
    return caught.value


@pytest.mark.rfc("7468", "13", "textual encoding of Subject Public Key Info")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_reads_a_key_of_each_algorithm(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    jwk = read_public_pem(to_public_pem(key), rsa_algorithm=algorithm if algorithm in RSA else None)

    assert jwk == key.public_jwk()
    assert read_public_jwk(jwk).kid == key.public_jwk()["kid"]


def test_does_not_guess_what_an_rsa_key_is_for() -> None:
    pem = to_public_pem(private_key(SigningAlgorithm.RS256))

    assert find_problem(pem).problem is JWKProblem.NO_ALGORITHM


@pytest.mark.rfc("7518", "3.3", "a key of size 2048 bits or larger MUST be used")
@pytest.mark.parametrize(
    ("bits", "problem"), [(1024, JWKProblem.TOO_WEAK), (4104, JWKProblem.TOO_LARGE)]
)
def test_refuses_rsa_keys_out_of_bounds(bits: int, problem: JWKProblem) -> None:
    key = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) | 1).public_key()

    found = find_problem(write_public(key), SigningAlgorithm.RS256)

    assert (found.problem, found.bits) == (problem, bits)


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()], ids=lambda curve: curve.name)
def test_refuses_other_curves(curve: ec.EllipticCurve) -> None:
    pem = write_public(ec.generate_private_key(curve).public_key())

    assert find_problem(pem).problem is JWKProblem.UNREADABLE


@pytest.mark.parametrize("form", ["PKCS #8", "traditional", "both halves"])
def test_refuses_private_keys(form: str) -> None:
    assert find_problem(list_private_texts()[form]).problem is JWKProblem.PRIVATE


@pytest.mark.parametrize("pem", ["", "-----BEGIN PUBLIC KEY-----", "\x00", "ä"])
def test_refuses_what_is_no_key(pem: str) -> None:
    assert find_problem(pem).problem is JWKProblem.UNREADABLE


def test_says_how_weak_an_rsa_key_in_a_jwk_is() -> None:
    key = PrivateKey(SigningAlgorithm.RS256, rsa.generate_private_key(65537, 1024))

    with pytest.raises(UnusableJWK) as caught:
        read_public_jwk(key.public_jwk())

    assert (caught.value.problem, caught.value.bits) == (JWKProblem.TOO_WEAK, 1024)
