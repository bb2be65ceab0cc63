"""Take from a JWK Set what may verify signatures here (RFC 7517 §5)."""

import logging
from collections.abc import Mapping
from typing import Any

from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm
from django_cc.protocol.public_jwk import JWKProblem, UnusableJWK, read_public_jwk
from django_cc.remote.unavailable import DocumentUnavailable

logger = logging.getLogger(__name__)


def read_keys(
    jwk_set: Mapping[str, Any], *, most: int, rsa: SigningAlgorithm | None, name: str
) -> dict[KeyID, PublicKey]:
    """Return the usable public keys of a JWK Set by their key ID.

    What cannot be used is left out, as RFC 7517 §5 wants it: a set may have keys for others. A
    key whose private half is published is nobody's any more, and is left out too. Of two keys of
    one ID the first one counts.

    Args:
        jwk_set: the document.
        most: the number of keys that it may have.
        rsa: what an RSA key is for that does not say; None to leave it out.
        name: of the set, for the log.

    Raises:
        DocumentUnavailable: it is no JWK Set, has too many keys, or none that can be used.
    """
    jwks = jwk_set.get("keys")
    if not isinstance(jwks, list):
        raise DocumentUnavailable("it is not a JWK Set")
    if len(jwks) > most:
        raise DocumentUnavailable(f"it has more than {most} keys")
    keys: dict[KeyID, PublicKey] = {}
    for jwk in jwks:
        try:
            found = read_public_jwk(jwk, rsa=rsa)
        except UnusableJWK as error:
            if error.problem is JWKProblem.PRIVATE:
                logger.error("%s publishes a private or shared key: it is not used.", name)
            continue
        keys.setdefault(found.kid, found.key)
    if not keys:
        raise DocumentUnavailable("it has no key that can be used here")
    return keys
