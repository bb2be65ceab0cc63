"""Encrypt private signing keys at rest."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from django_cc.authorization_server.settings import get_settings


class EncryptionKeyError(Exception):
    """There is no usable encryption key, or it is not the one a private key was encrypted with."""


def get_encryption_keys() -> Sequence[str]:
    """Return the Fernet keys: the first encrypts, all decrypt.

    With DEBUG on and none set, one derived from SECRET_KEY: good enough to begin with, and the
    check `django_cc.W001` says so.

    Raises:
        EncryptionKeyError: none is set and DEBUG is off.
    """
    configured = get_settings().key_encryption_keys
    if configured:
        return configured
    if not settings.DEBUG:
        raise EncryptionKeyError('Set DJANGO_CC["KEY_ENCRYPTION_KEYS"] to a list of Fernet keys.')
    derived = hashlib.sha256(b"django_cc signing keys" + settings.SECRET_KEY.encode()).digest()
    return [base64.urlsafe_b64encode(derived).decode()]


def encrypt(plain: bytes) -> bytes:
    """Return `plain` encrypted with the first key.

    Raises:
        EncryptionKeyError: no usable key.
    """
    return _fernet().encrypt(plain)


def decrypt(encrypted: bytes) -> bytes:
    """Return what was encrypted with any of the keys.

    Raises:
        EncryptionKeyError: no usable key, or none of them fits.
    """
    try:
        return _fernet().decrypt(encrypted)
    except InvalidToken:
        raise EncryptionKeyError(
            'No key in DJANGO_CC["KEY_ENCRYPTION_KEYS"] decrypts the signing key. Put the one '
            "back that it was encrypted with; where that is lost, run “cc_signing_key compromise”."
        ) from None


def _fernet() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in get_encryption_keys()])
    except (ValueError, TypeError):
        raise EncryptionKeyError(
            'DJANGO_CC["KEY_ENCRYPTION_KEYS"] holds something that is no Fernet key.'
        ) from None
