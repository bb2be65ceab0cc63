"""What the client IDs look like that are made here; those of adopted clients are the toolkit's."""

import secrets as randomness
import string
from typing import Final

from django_cc.protocol.names import ClientID

_ALPHABET: Final = string.ascii_lowercase + string.digits
_CHARACTERS: Final = 24


def generate_client_id() -> ClientID:
    """Return a new client ID: 24 lowercase letters and digits; no secret."""
    return ClientID("".join(randomness.choice(_ALPHABET) for _ in range(_CHARACTERS)))


def looks_like_client_id(text: str) -> bool:
    """Tell whether `text` has the form of these."""
    return len(text) == _CHARACTERS and set(text) <= set(_ALPHABET)
