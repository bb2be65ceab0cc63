"""What a client secret looks like, whole and in part."""

import re
import secrets as randomness
import zlib

from django_cc.authorization_server.typed_secrets import SECRET_PREFIX
from django_cc.protocol.secret_text import SecretText

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_CHARACTERS = 43  # 256 bits; RFC 6749 §10.10 asks for at least 160
_CHECKSUM_CHARACTERS = 6
_CHARACTERS = len(SECRET_PREFIX) + _RANDOM_CHARACTERS + _CHECKSUM_CHARACTERS
_BEGINNING = re.compile(rf"{SECRET_PREFIX}[0-9A-Za-z]")
_VISIBLE_START = len(SECRET_PREFIX) + 4
_VISIBLE_END = 4


def generate_secret() -> SecretText:
    """Return a new secret: `dccs_`, 43 random base62 characters, 6 of their checksum.

    The checksum tells a scanner a real secret from a lookalike without asking us. Only
    `[A-Za-z0-9_]`: nothing to escape in HTTP Basic, and a double click selects all of it.
    """
    body = "".join(randomness.choice(_BASE62) for _ in range(_RANDOM_CHARACTERS))
    return SecretText(f"{SECRET_PREFIX}{body}{_checksum(body)}")


def looks_like_secret(text: SecretText) -> bool:
    """Tell whether `text` has the form of our secrets, checksum included."""
    revealed = text.reveal()
    if not revealed.startswith(SECRET_PREFIX) or not revealed.isascii():
        return False
    body = revealed[len(SECRET_PREFIX) : -_CHECKSUM_CHARACTERS]
    return len(body) == _RANDOM_CHARACTERS and revealed.endswith(_checksum(body))


def list_secrets(text: SecretText) -> list[SecretText]:
    """Return the different secrets, checksum included, anywhere in a text, in their order."""
    revealed = text.reveal()
    found: dict[str, SecretText] = {}
    at = revealed.find(SECRET_PREFIX)
    while at >= 0:
        candidate = SecretText(revealed[at : at + _CHARACTERS])
        if looks_like_secret(candidate):
            found.setdefault(candidate.reveal(), candidate)
        at = revealed.find(SECRET_PREFIX, at + 1)
    return list(found.values())


def holds_beginning(text: SecretText) -> bool:
    """Tell whether something in a text begins as our secrets do, whatever follows."""
    return _BEGINNING.search(text.reveal()) is not None


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _position in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def get_visible_ends(secret: SecretText) -> tuple[str, str]:
    """Return the first and last characters, by which people tell secrets apart."""
    return secret.reveal()[:_VISIBLE_START], secret.reveal()[-_VISIBLE_END:]
