"""Read a public key that somebody hands over for a client, and say what is wrong with it."""

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.public_jwk import LONGEST_KID, JWKProblem, PublicJWK, UnusableJWK
from django_cc.protocol.public_jwk import read_public_jwk as read_jwk

_PROBLEMS: dict[JWKProblem, Promise | str] = {
    JWKProblem.NOT_AN_OBJECT: _(
        "A JWK is a JSON object, with “kty” and the members of that kind of key."
    ),
    JWKProblem.PRIVATE: _(
        "This is a private or a shared key. Register the public half only; and if anybody "
        "else has seen this one, make a new pair."
    ),
    JWKProblem.NOT_FOR_SIGNATURES: _("The key is not for signatures: its “use” must be “sig”."),
    JWKProblem.TOO_LARGE: _("The RSA key is too large: 2048 to 4096 bits will do."),
    JWKProblem.TOO_WEAK: _(
        "This key is too weak: RSA %(bits)d. Use RSA 2048 or more, EC P-256 or Ed25519."
    ),
    JWKProblem.NO_ALGORITHM: _("Say in “alg” what the key is for: %(names)s."),
    JWKProblem.UNREADABLE: _("The key cannot be read, or is none for one of %(names)s."),
    JWKProblem.BAD_KID: _("A “kid” is a text of at most %(length)d printable characters."),
}


def read_public_jwk(jwk: object) -> PublicJWK:
    """Return a JWK that was handed over, reduced to what is needed of it.

    Raises:
        ValidationError: it is none, private, for encryption, of an algorithm that is not
            allowed, too weak or too large, or an RSA key that does not say which algorithm; for
            the field `jwk`.
    """
    try:
        return read_jwk(jwk)
    except UnusableJWK as error:
        raise ValidationError({"jwk": describe_problem(error)}) from None


def describe_problem(error: UnusableJWK) -> str:
    """Return what is wrong with a key, and the fix; nothing of the key."""
    names = ", ".join(algorithm.value for algorithm in SigningAlgorithm)
    words = {"names": names, "length": LONGEST_KID, "bits": error.bits}
    return str(_PROBLEMS[error.problem]) % words
