"""Primary keys as addresses and forms carry them."""

from typing import Final

_LONGEST_KEY: Final = 18  # digits that any database takes


def is_key(text: str) -> bool:
    """Tell whether `text` may be the key of a row, before a database is asked for it."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_KEY
