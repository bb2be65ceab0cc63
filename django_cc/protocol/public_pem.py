"""Read a public key in PEM (RFC 7468 §13), as `openssl pkey -pubout` writes it."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from django_cc.protocol.jose import JWK, PublicKey
from django_cc.protocol.key_kinds import find_told_by_key
from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.public_jwk import JWKProblem, UnusableJWK, require_modulus

PEM_BEGINNING = "-----BEGIN"
PRIVATE_PEM = "PRIVATE KEY-----"  # RFC 7468 §10 and §11, and the kinds older than it


def read_public_pem(pem: str, *, rsa_algorithm: SigningAlgorithm | None = None) -> JWK:
    """Return the public key as a JWK that says what it is for.

    Args:
        pem: one block `PUBLIC KEY`.
        rsa_algorithm: what an RSA key is for, for PEM cannot say; None to refuse it.

    Raises:
        UnusableJWK: a private key, none that can be read, of a kind that is not allowed, too weak
            or too large, or an RSA key without its algorithm.
    """
    if PRIVATE_PEM in pem:
        raise UnusableJWK(JWKProblem.PRIVATE)
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableJWK(JWKProblem.UNREADABLE) from None
    if isinstance(key, rsa.RSAPublicKey):
        require_modulus(key.key_size)
        if rsa_algorithm is None:
            raise UnusableJWK(JWKProblem.NO_ALGORITHM)
        return PublicKey(rsa_algorithm, key).to_jwk()
    algorithm = find_told_by_key(key)
    if algorithm is None:
        raise UnusableJWK(JWKProblem.UNREADABLE)
    return PublicKey(algorithm, key).to_jwk()
