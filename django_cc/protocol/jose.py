"""Signatures in compact serialization (RFC 7515): the only door to the JOSE library.

The library supplies the algorithms. The serialization is read here, so that nothing lenient
stands before the signature: no duplicate members, no NaN, no `crit`, and the algorithm of a token
must be the one its key was made for.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from jwt.algorithms import Algorithm

from django_cc.protocol.key_kinds import KEY_KINDS
from django_cc.protocol.names import ED25519, KeyID, SigningAlgorithm
from django_cc.protocol.strict_json import InvalidJSON, parse_json_object

JWK = dict[str, Any]  # RFC 7517's own shape: a JSON object

MAX_TOKEN_CHARACTERS = 16 * 1024
_SEGMENTS = 3
_THUMBPRINT_MEMBERS = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}


class InvalidJWS(Exception):
    """A compact serialization that is malformed or whose signature does not verify."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key made for one algorithm."""

    algorithm: SigningAlgorithm
    key: Any  # the library's own key object

    @classmethod
    def generate(cls, algorithm: SigningAlgorithm) -> Self:
        """Make a new key."""
        return cls(algorithm, KEY_KINDS[algorithm].make())

    @classmethod
    def from_pem(cls, algorithm: SigningAlgorithm, pem: bytes) -> Self:
        """Load an unencrypted PKCS #8 key.

        Raises:
            ValueError: no such key, or one of another kind than the algorithm's.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (TypeError, UnsupportedAlgorithm):
            raise ValueError("The PEM holds no unencrypted private key.") from None
        _require_kind(algorithm, key.public_key())
        return cls(algorithm, key)

    def to_pem(self) -> bytes:
        """Return the key unencrypted, for the one who encrypts it."""
        pem: bytes = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return pem

    def public_jwk(self) -> JWK:
        """Return the public half as a JWK with `kid`, `alg` and `use` (RFC 7517 §4).

        The `kid` is the key's SHA-256 thumbprint (RFC 7638).
        """
        return PublicKey(self.algorithm, self.key.public_key()).to_jwk()

    def sign(self, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
        """Return the compact serialization of `payload`; `alg` is added to `header`."""
        signed_part = f"{_encode_json({**header, 'alg': self.algorithm})}.{_encode_json(payload)}"
        signature = _implementation(self.algorithm).sign(signed_part.encode(), self.key)
        return f"{signed_part}.{_base64url(signature)}"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that verifies one algorithm."""

    algorithm: SigningAlgorithm
    key: Any  # the library's own key object

    @classmethod
    def from_jwk(cls, jwk: JWK) -> Self:
        """Load a JWK that states its `alg`.

        Raises:
            ValueError: the algorithm is missing or not allowed, or the key is malformed, private,
                or of another kind than the algorithm's.
        """
        algorithm = find_algorithm(jwk.get("alg"))
        if algorithm is None:
            raise ValueError("The JWK names no algorithm that is allowed.")
        try:
            key = _implementation(algorithm).from_jwk(jwk)
        except (jwt.PyJWTError, TypeError) as error:
            raise ValueError("The JWK is malformed.") from error
        _require_kind(algorithm, key)
        return cls(algorithm, key)

    def to_jwk(self) -> JWK:
        """Return it as a JWK with `kid`, `alg` and `use`, and nothing private (RFC 7517 §4).

        The `kid` is the key's SHA-256 thumbprint (RFC 7638).
        """
        exported = _implementation(self.algorithm).to_jwk(self.key, as_dict=True)
        members = _THUMBPRINT_MEMBERS[exported["kty"]]
        jwk = {name: exported[name] for name in sorted(members)}
        return {**jwk, "kid": thumbprint(jwk), "alg": self.algorithm.value, "use": "sig"}


@dataclass(frozen=True, slots=True)
class UnverifiedJWS:
    """A parsed token nobody has vouched for yet."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signed_part: bytes
    signature: bytes

    @property
    def algorithm(self) -> SigningAlgorithm | None:
        """What the header says it was signed with, if that is allowed."""
        return find_algorithm(self.header.get("alg"))

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read a compact serialization whose payload is a JSON object.

        Raises:
            InvalidJWS: anything else, however it is broken.
        """
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise InvalidJWS("too long")
        segments = token.split(".")
        if len(segments) != _SEGMENTS or not token.isascii():
            raise InvalidJWS("not three segments")
        header, payload, signature = segments
        return cls(
            header=_decode_json(header),
            payload=_decode_json(payload),
            signed_part=f"{header}.{payload}".encode(),
            signature=_decode_base64url(signature),
        )

    def verify(self, keys: Mapping[KeyID, PublicKey]) -> dict[str, Any]:
        """Return the payload, vouched for by the key that the header names.

        Only `kid` chooses the key: `jwk`, `jku` and `x5u` are never looked at, and a critical
        extension is refused because none is understood (RFC 7515 §4.1.11).

        Raises:
            InvalidJWS: unknown key, another algorithm than the key's, or a wrong signature.
        """
        kid = self.header.get("kid")
        key = keys.get(KeyID(kid)) if isinstance(kid, str) else None
        if key is None:
            raise InvalidJWS("unknown key")
        return self.verify_by(key)

    def verify_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the payload, vouched for by `key`.

        Raises:
            InvalidJWS: another algorithm than the key's, a critical extension, or a wrong
                signature.
        """
        if self.algorithm is not key.algorithm or "crit" in self.header:
            raise InvalidJWS("algorithm or critical extension not allowed")
        if not _implementation(key.algorithm).verify(self.signed_part, key.key, self.signature):
            raise InvalidJWS("wrong signature")
        return self.payload


def find_algorithm(name: object) -> SigningAlgorithm | None:
    """Return the algorithm that `alg` names, by either of its names, or None for any other."""
    return _BY_NAME.get(name) if isinstance(name, str) else None


def thumbprint(jwk: JWK) -> KeyID:
    """Return the SHA-256 thumbprint of a complete public JWK, base64url (RFC 7638 §3)."""
    members = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return KeyID(_base64url(hashlib.sha256(canonical.encode()).digest()))


def _require_kind(algorithm: SigningAlgorithm, key: object) -> None:
    if not KEY_KINDS[algorithm].fits(key):
        raise ValueError(f"The key is not one for {algorithm}.")


def _implementation(algorithm: SigningAlgorithm) -> Algorithm:
    return _ALGORITHMS[algorithm]


_BY_NAME = {
    **{algorithm.value: algorithm for algorithm in SigningAlgorithm},
    ED25519: SigningAlgorithm.EDDSA,
}
_ALGORITHMS = {name: jwt.get_algorithm_by_name(name.value) for name in SigningAlgorithm}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _encode_json(value: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":"), allow_nan=False).encode())


def _decode_base64url(segment: str) -> bytes:
    try:
        raw = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise InvalidJWS("not base64url") from None
    if _base64url(raw) != segment:  # padding, or stray bits that would give one token two forms
        raise InvalidJWS("not canonical base64url")
    return raw


def _decode_json(segment: str) -> dict[str, Any]:
    try:
        return parse_json_object(_decode_base64url(segment))
    except InvalidJSON:
        raise InvalidJWS("not a JSON object") from None
