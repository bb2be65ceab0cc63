"""What the toolkit's secret of an Application is, and whether another one matches it."""

import logging
import string
from enum import StrEnum

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from oauth2_provider.settings import oauth2_settings

from django_cc.protocol.secret_text import SecretText

logger = logging.getLogger(__name__)

_ALPHABET = frozenset(string.ascii_letters + string.digits)  # of the toolkit's generator
_SHORTEST_RANDOM = 43  # 256 bits, as ours have (docs/decisions/0010)
_FEWEST_DIFFERENT = 16  # 43 random ones have about 31; "aaaa…" is not random


class OldSecretKind(StrEnum):
    """What stands in the toolkit's column."""

    HASH = "hash"
    GENERATED_TEXT = "generated_text"
    CHOSEN_TEXT = "chosen_text"
    NONE = "none"
    UNREADABLE = "unreadable"


def tell_kind(stored: SecretText, *, is_hashed: bool) -> OldSecretKind:
    """Return what a stored secret is, as the toolkit would take it.

    Args:
        stored: the column.
        is_hashed: whether the toolkit was told to hash it. Where it was, what no hasher of
            `PASSWORD_HASHERS` knows is no plain text, though the toolkit would take it for that.
    """
    text = stored.reveal()
    if not text:
        return OldSecretKind.NONE
    if is_password_hash(text):
        return OldSecretKind.HASH
    if is_hashed:
        return OldSecretKind.UNREADABLE
    return (
        OldSecretKind.GENERATED_TEXT if has_generated_shape(stored) else OldSecretKind.CHOSEN_TEXT
    )


def is_password_hash(text: str) -> bool:
    """Tell whether one of the project's password hashers made `text`."""
    try:
        identify_hasher(text)
    except ValueError:
        return False
    return True


def has_generated_shape(secret: SecretText) -> bool:
    """Tell whether the toolkit's generator made `secret`, as far as its shape can tell.

    Letters and digits, as many as `CLIENT_SECRET_GENERATOR_LENGTH` says, or 128 as it says by
    default: so random that a fast digest is right for it.
    """
    text = secret.reveal()
    lengths = {128, oauth2_settings.CLIENT_SECRET_GENERATOR_LENGTH}
    is_long = len(text) in lengths and len(text) >= _SHORTEST_RANDOM
    different = set(text)
    return is_long and different <= _ALPHABET and len(different) >= _FEWEST_DIFFERENT


def hash_chosen_secret(secret: SecretText) -> str:
    """Return the password hash of a secret that people chose; takes as long as such a hash does."""
    return make_password(secret.reveal(), hasher=oauth2_settings.CLIENT_SECRET_HASHER)


def matches_old_hash(secret: SecretText, old_hash: str) -> bool:
    """Tell whether `secret` is the one that a password hash was made of.

    A quarter of a second of work with Django's default hasher. A hash that cannot be read, or
    whose hasher left `PASSWORD_HASHERS`, matches nothing; nor does the empty secret match any.
    """
    text = secret.reveal()
    if not text:
        return False
    try:
        return check_password(text, old_hash)
    except (ValueError, TypeError, AssertionError, ImportError) as error:
        # Not the text of the error, which may quote the hash.
        logger.error("An old hash of a client secret cannot be read: %s.", type(error).__name__)
        return False
