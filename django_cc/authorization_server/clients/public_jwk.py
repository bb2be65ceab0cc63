"""Read a public key that somebody hands over for a client (RFC 7517)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.protocol.jose import JWK, PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm

# RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2.
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LONGEST_MODULUS = 683  # base64url characters: 4096 bits; a longer one would cost us the time
_LONGEST_EXPONENT = 8
_LONGEST_KID = 255


@dataclass(frozen=True, slots=True)
class PublicJWK:
    """A public key that clients may use.

    Attributes:
        kid: as given, else its SHA-256 thumbprint (RFC 7638).
        algorithm: the one it verifies.
        members: the JWK with `kid`, `alg` and `use`, and no member besides the key's own.
    """

    kid: KeyID
    algorithm: SigningAlgorithm
    members: JWK


def read_public_jwk(jwk: object) -> PublicJWK:
    """Return a JWK that was handed over, reduced to what is needed of it.

    Raises:
        ValidationError: it is none, private, for encryption, of an algorithm that is not
            allowed, too weak or too large, or an RSA key that does not say which algorithm; for
            the field `jwk`.
    """
    if not isinstance(jwk, Mapping):
        raise _refuse(_("A JWK is a JSON object, with “kty” and the members of that kind of key."))
    if _PRIVATE_MEMBERS & set(jwk):
        raise _refuse(
            _(
                "This is a private or a shared key. Register the public half only; and if anybody "
                "else has seen this one, make a new pair."
            )
        )
    if not _is_for_signatures(jwk):
        raise _refuse(_("The key is not for signatures: its “use” must be “sig”."))
    key = _load(jwk)
    exported = key.to_jwk()
    kid = _read_kid(jwk.get("kid", exported["kid"]))
    return PublicJWK(kid, key.algorithm, {**exported, "kid": kid})


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    is_said = isinstance(operations, list) and "verify" in operations
    return is_said and jwk.get("use", "sig") == "sig"


def _load(jwk: Mapping[str, Any]) -> PublicKey:
    is_too_large = len(str(jwk.get("n", ""))) > _LONGEST_MODULUS
    if is_too_large or len(str(jwk.get("e", ""))) > _LONGEST_EXPONENT:
        raise _refuse(_("The RSA key is too large: 2048 to 4096 bits will do."))
    algorithm = jwk.get("alg", _infer_algorithm(jwk))
    if algorithm is None:
        raise _refuse(_("Say in “alg” what the key is for: %(names)s.") % {"names": _names()})
    try:
        return PublicKey.from_jwk({**jwk, "alg": algorithm})
    except (ValueError, KeyError, AttributeError):
        problem = _("The key cannot be read, or is none for one of %(names)s.")
        raise _refuse(problem % {"names": _names()}) from None


def _infer_algorithm(jwk: Mapping[str, Any]) -> str | None:
    # Of an RSA key only its owner knows whether it is for RS256 or PS256.
    kinds = {("EC", "P-256"): SigningAlgorithm.ES256, ("OKP", "Ed25519"): SigningAlgorithm.EDDSA}
    return kinds.get((str(jwk.get("kty")), str(jwk.get("crv"))))


def _read_kid(kid: object) -> KeyID:
    if not isinstance(kid, str) or not 0 < len(kid) <= _LONGEST_KID or not kid.isprintable():
        problem = _("A “kid” is a text of at most %(length)d printable characters.")
        raise _refuse(problem % {"length": _LONGEST_KID})
    return KeyID(kid)


def _names() -> str:
    return ", ".join(algorithm.value for algorithm in SigningAlgorithm)


def _refuse(problem: str) -> ValidationError:
    return ValidationError({"jwk": problem})
