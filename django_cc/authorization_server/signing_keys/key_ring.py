"""The key that signs access tokens."""

from functools import lru_cache

from django_cc.authorization_server.configured_keys import are_keys_configured, get_configured_keys
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.encryption import decrypt
from django_cc.authorization_server.snapshot.snapshot import CurrentKey, Snapshot
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import KeyID, SigningAlgorithm


class NoSigningKeyError(Exception):
    """There is no usable key to sign with."""


def get_signing_algorithm() -> SigningAlgorithm:
    """Return how access tokens are signed."""
    return SigningAlgorithm(get_settings().signing_algorithm)


def find_signing_key(snapshot: Snapshot) -> tuple[KeyID, PrivateKey]:
    """Return the key that signs, ready to use, and its ID.

    It is the first of `SIGNING_KEYS` that fits `SIGNING_ALGORITHM`; where that setting is empty,
    the current key of the database.

    Raises:
        NoSigningKeyError: there is none, or it is not the private half of what is published.
        EncryptionKeyError: it cannot be decrypted.
    """
    algorithm = get_signing_algorithm()
    if are_keys_configured():
        return _find_configured(algorithm)
    current = snapshot.current_keys.get(algorithm)
    if current is None:
        raise NoSigningKeyError(f"There is no {algorithm} signing key: cc_signing_key ensure")
    return current.kid, read_private_key(current)


def require_usable_configuration() -> None:
    """Demand that every key of `SIGNING_KEYS` can be used; none is a right configuration too.

    Raises:
        NoSigningKeyError: one cannot; the message has nothing of its text.
    """
    problems = get_configured_keys().problems
    if problems:
        raise NoSigningKeyError(" ".join(problems))


@lru_cache(maxsize=4)
def read_private_key(stored: CurrentKey) -> PrivateKey:
    """Return the private half of a key in the database.

    Raises:
        NoSigningKeyError: what is stored is no key, or another's: a row altered by hand.
        EncryptionKeyError: it cannot be decrypted.
    """
    pem = decrypt(stored.encrypted_private_key)
    try:
        private_key = PrivateKey.from_pem(stored.algorithm, pem)
    except ValueError:
        raise NoSigningKeyError(f"The private key of {stored.kid} cannot be read.") from None
    if private_key.public_jwk()["kid"] != stored.kid:
        raise NoSigningKeyError(f"The private key of {stored.kid} is another key's.")
    return private_key


def _find_configured(algorithm: SigningAlgorithm) -> tuple[KeyID, PrivateKey]:
    configured = get_configured_keys()
    key = configured.find_signing_key(algorithm)
    if configured.problems or key is None:
        raise NoSigningKeyError(" ".join(configured.problems))
    return key.kid, key.private_key
