"""Read a public key that somebody hands over or publishes (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django_cc.protocol.jose import JWK, PublicKey
from django_cc.protocol.key_kinds import LEAST_RSA_KEY_BITS, find_told_by_jwk
from django_cc.protocol.names import KeyID, SigningAlgorithm

LONGEST_KID = 255
# RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2.
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LONGEST_MODULUS = 683  # base64url characters: 4096 bits; a longer one would cost us the time
_LONGEST_EXPONENT = 8
_MOST_MODULUS_BITS = 4096
_BITS_OF_A_CHARACTER = 6


class JWKProblem(StrEnum):
    """Why a JWK is none that may verify signatures here."""

    NOT_AN_OBJECT = "not_an_object"
    PRIVATE = "private"
    NOT_FOR_SIGNATURES = "not_for_signatures"
    TOO_LARGE = "too_large"
    TOO_WEAK = "too_weak"
    NO_ALGORITHM = "no_algorithm"
    UNREADABLE = "unreadable"
    BAD_KID = "bad_kid"


class UnusableJWK(Exception):
    """A JWK that may not be used, and why.

    Attributes:
        problem: why.
        bits: how long the modulus of an RSA key is, where that is the problem; else 0.
    """

    def __init__(self, problem: JWKProblem, *, bits: int = 0) -> None:
        """Name the problem; nothing of the key is kept."""
        super().__init__(problem.value)
        self.problem = problem
        self.bits = bits


@dataclass(frozen=True, slots=True)
class PublicJWK:
    """A public key that may be used.

    Attributes:
        kid: as given, else its SHA-256 thumbprint (RFC 7638).
        key: what verifies.
    """

    kid: KeyID
    key: PublicKey

    @property
    def algorithm(self) -> SigningAlgorithm:
        """The one it verifies."""
        return self.key.algorithm

    @property
    def members(self) -> JWK:
        """The JWK with `kid`, `alg` and `use`, and no member besides the key's own."""
        return {**self.key.to_jwk(), "kid": self.kid}


def read_public_jwk(jwk: object, *, rsa: SigningAlgorithm | None = None) -> PublicJWK:
    """Return a JWK reduced to what is needed of it.

    Args:
        jwk: as handed over.
        rsa: what an RSA key is for that does not say; None to refuse it, for only its owner
            knows.

    Raises:
        UnusableJWK: it is none, private or shared, for encryption, of an algorithm that is not
            allowed, too weak or too large, or does not say which algorithm.
    """
    if not isinstance(jwk, Mapping):
        raise UnusableJWK(JWKProblem.NOT_AN_OBJECT)
    if is_private(jwk):
        raise UnusableJWK(JWKProblem.PRIVATE)
    if not _is_for_signatures(jwk):
        raise UnusableJWK(JWKProblem.NOT_FOR_SIGNATURES)
    key = _load(jwk, rsa)
    kid = jwk["kid"] if "kid" in jwk else key.to_jwk()["kid"]
    return PublicJWK(_require_kid(kid), key)


def is_private(jwk: Mapping[str, Any]) -> bool:
    """Tell whether a JWK has a member of a private or a shared key."""
    return not _PRIVATE_MEMBERS.isdisjoint(jwk)


def require_modulus(bits: int) -> None:
    """Return if the modulus of an RSA key has a length that is allowed.

    Raises:
        UnusableJWK: it is too weak or too large.
    """
    if bits < LEAST_RSA_KEY_BITS:
        raise UnusableJWK(JWKProblem.TOO_WEAK, bits=bits)
    if bits > _MOST_MODULUS_BITS:
        raise UnusableJWK(JWKProblem.TOO_LARGE, bits=bits)


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    is_said = isinstance(operations, list) and "verify" in operations
    return is_said and jwk.get("use", "sig") == "sig"


def _load(jwk: Mapping[str, Any], rsa: SigningAlgorithm | None) -> PublicKey:
    is_too_large = len(str(jwk.get("n", ""))) > _LONGEST_MODULUS
    if is_too_large or len(str(jwk.get("e", ""))) > _LONGEST_EXPONENT:
        raise UnusableJWK(JWKProblem.TOO_LARGE)
    algorithm = jwk.get("alg", _infer_algorithm(jwk, rsa))
    if algorithm is None:
        raise UnusableJWK(JWKProblem.NO_ALGORITHM)
    try:
        return PublicKey.from_jwk({**jwk, "alg": algorithm})
    except (ValueError, KeyError, AttributeError):
        _require_strength(jwk)
        raise UnusableJWK(JWKProblem.UNREADABLE) from None


def _require_strength(jwk: Mapping[str, Any]) -> None:
    # Said of a key that was refused already, so its length in characters is near enough.
    bits = len(str(jwk.get("n", ""))) * _BITS_OF_A_CHARACTER // 8 * 8
    if jwk.get("kty") == "RSA" and 0 < bits < LEAST_RSA_KEY_BITS:
        raise UnusableJWK(JWKProblem.TOO_WEAK, bits=bits)


def _infer_algorithm(jwk: Mapping[str, Any], rsa: SigningAlgorithm | None) -> str | None:
    return rsa if jwk.get("kty") == "RSA" else find_told_by_jwk(jwk)


def _require_kid(kid: object) -> KeyID:
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KID or not kid.isprintable():
        raise UnusableJWK(JWKProblem.BAD_KID)
    return KeyID(kid)
