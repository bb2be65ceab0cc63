"""The key that signs access tokens."""

from functools import lru_cache

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.encryption import decrypt
from django_cc.authorization_server.snapshot.snapshot import CurrentKey, Snapshot
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import KeyID, SigningAlgorithm


class NoSigningKeyError(Exception):
    """There is no usable key to sign with."""


def find_signing_key(snapshot: Snapshot) -> tuple[KeyID, PrivateKey]:
    """Return the current key of `SIGNING_ALGORITHM`, decrypted, and its ID.

    Raises:
        NoSigningKeyError: there is none, or it is not the private half of what is published.
        EncryptionKeyError: it cannot be decrypted.
    """
    algorithm = SigningAlgorithm(get_settings().signing_algorithm)
    current = snapshot.current_keys.get(algorithm)
    if current is None:
        raise NoSigningKeyError(f"There is no {algorithm} signing key: cc_signing_key ensure")
    return current.kid, _decrypt(current)


@lru_cache(maxsize=4)
def _decrypt(current: CurrentKey) -> PrivateKey:
    private_key = PrivateKey.from_pem(current.algorithm, decrypt(current.encrypted_private_key))
    if private_key.public_jwk()["kid"] != current.kid:  # a row altered by hand
        raise NoSigningKeyError(f"The private key of {current.kid} is another key's.")
    return private_key
