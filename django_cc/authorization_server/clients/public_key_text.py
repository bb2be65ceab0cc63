"""Read public keys as people paste them: PEM, a JWK, or a JWK Set."""

import json
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.clients.public_jwk import describe_problem, read_public_jwk
from django_cc.protocol.jose import JWK
from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.public_jwk import JWKProblem, UnusableJWK, is_private
from django_cc.protocol.public_pem import PEM_BEGINNING, PRIVATE_PEM, read_public_pem

LONGEST_TEXT = 64 * 1024


class UnsafeKeyTextError(ValidationError):
    """A text that is, or may be, a private key: nothing of it may be shown or stored."""


def read_public_keys(text: str, *, rsa_algorithm: SigningAlgorithm | None = None) -> list[JWK]:
    """Return the public keys in a text, each as a JWK that may be registered.

    Args:
        text: PEM (`PUBLIC KEY`), a JWK, or a JWK Set (RFC 7517 §5).
        rsa_algorithm: what RSA keys are for that do not say; None to refuse them.

    Raises:
        UnsafeKeyTextError: a private key, or none that is recognised as public; for `jwk`.
        ValidationError: public keys, but one is weak or of a kind that is not allowed; for `jwk`.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise UnsafeKeyTextError({"jwk": _("That is too long for a public key.")})
    if PRIVATE_PEM in text:
        raise _refuse_private()
    if text.startswith(PEM_BEGINNING):
        return [_read_pem(text, rsa_algorithm)]
    return [_read_jwk(jwk, rsa_algorithm) for jwk in _read_json(text)]


def _read_pem(text: str, rsa_algorithm: SigningAlgorithm | None) -> JWK:
    try:
        return read_public_pem(text, rsa_algorithm=rsa_algorithm)
    except UnusableJWK as error:
        problem = {"jwk": describe_problem(error)}
        if error.problem is JWKProblem.UNREADABLE:
            raise UnsafeKeyTextError(problem) from None
        raise ValidationError(problem) from None


def _read_jwk(jwk: JWK, rsa_algorithm: SigningAlgorithm | None) -> JWK:
    if jwk.get("kty") == "RSA" and "alg" not in jwk and rsa_algorithm is not None:
        jwk = {**jwk, "alg": rsa_algorithm.value}
    return read_public_jwk(jwk).members


def _read_json(text: str) -> list[JWK]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _refuse_unrecognised() from None
    jwks = document.get("keys", [document]) if isinstance(document, Mapping) else None
    if not isinstance(jwks, list) or not jwks or not all(isinstance(jwk, dict) for jwk in jwks):
        raise _refuse_unrecognised()
    if any(is_private(jwk) for jwk in jwks):
        raise _refuse_private()
    if not all("kty" in jwk for jwk in jwks):
        raise _refuse_unrecognised()
    return jwks


def _refuse_private() -> UnsafeKeyTextError:
    return UnsafeKeyTextError(
        {
            "jwk": _(
                "That is a private key. It was discarded and not stored. Treat it as exposed: "
                "make a new pair and paste only the public half."
            )
        }
    )


def _refuse_unrecognised() -> UnsafeKeyTextError:
    return UnsafeKeyTextError(
        {"jwk": _("That is no public key in PEM, no JWK and no JWK Set. It was discarded.")}
    )
