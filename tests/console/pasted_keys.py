"""Keys as people paste them: public ones, and private ones by mistake."""

import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from django_cc.protocol.jose import PrivateKey
from tests.assertions import new_key

WEAK = rsa.generate_private_key(65537, 1024)


def to_public_pem(key: PrivateKey) -> str:
    """Return the public half as `openssl pkey -pubout` writes it."""
    return write_public(key.key.public_key())


def write_public(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    """Return a public key in PEM."""
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode()


def write_traditional(key: PrivateKey) -> str:
    """Return a private key in the PEM of earlier days (`EC PRIVATE KEY`)."""
    pem: bytes = key.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return pem.decode()


def write_private_jwk(key: PrivateKey) -> str:
    """Return a private key as a JWK."""
    return json.dumps({**key.public_jwk(), "d": "c2VjcmV0LXNjYWxhci1vZi1hLWtleQ"})


def list_private_texts() -> dict[str, str]:
    """Return private keys in every form that people have them in."""
    key = new_key()
    return {
        "PKCS #8": key.to_pem().decode(),
        "traditional": write_traditional(key),
        "both halves": to_public_pem(key) + write_traditional(key),
        "JWK": write_private_jwk(key),
        "JWK Set": json.dumps({"keys": [key.public_jwk(), json.loads(write_private_jwk(key))]}),
        "shared JWK": json.dumps({"kty": "oct", "k": "c2hhcmVkLXNlY3JldC1vZi1hLWtleQ"}),
    }


def list_unrecognised_texts() -> dict[str, str]:
    """Return what may be a private key that was cut or mangled."""
    key = new_key()
    body = "".join(key.to_pem().decode().splitlines()[1:-1])
    return {
        "no PEM around it": body,
        "cut JWK": write_private_jwk(key)[:-20],
        "PEM of nothing": f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n",
        "a list": f'["{body}"]',
        "an object": f'{{"secret": "{body}"}}',
        "with a null": f"{body}\x00",
    }
