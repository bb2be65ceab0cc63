"""Find what may be an access token or a reference in a text, whatever is around it."""

import re
from itertools import islice
from typing import Final

from django_cc.protocol.secret_text import SecretText

MOST_TOKENS: Final = 20  # each costs a signature
MOST_REFERENCES: Final = 50

# None has two ways to match the same text, so none is slow whatever somebody pastes.
_WORD: Final = re.compile(r"[0-9A-Za-z_.-]+")
_WHOLE_TOKEN: Final = re.compile(
    r"(?:(?:authorization:\s*)?bearer\s+)?([\w-]+\.[\w-]+\.[\w-]+)", re.IGNORECASE
)
_REFERENCE: Final = re.compile(r"(reference )?(?<![0-9a-z])([0-9a-f]{16})(?![0-9a-z])")
_DOTS_OF_A_TOKEN: Final = 2
_BEGINNING_OF_A_TOKEN: Final = "eyJ"  # noqa: S105 - of a JSON object in base64url


def list_tokens(text: SecretText) -> list[SecretText]:
    """Return the different words that may be tokens, in their order, `MOST_TOKENS` at the most.

    A text that is one word with two dots, also behind "Bearer", is taken for one in any case.
    """
    revealed = text.reveal().strip()
    whole = _WHOLE_TOKEN.fullmatch(revealed)
    if whole is not None:
        return [SecretText(whole[1])]
    words = (found[0].strip(".") for found in _WORD.finditer(revealed))
    tokens = dict.fromkeys(word for word in words if _may_be_token(word))
    return [SecretText(token) for token in islice(tokens, MOST_TOKENS)]


def list_references(text: SecretText) -> list[str]:
    """Return the different references: first those that the word stands before.

    In their order otherwise, and `MOST_REFERENCES` at the most.
    """
    found = [(not match[1], match[2]) for match in _REFERENCE.finditer(text.reveal().lower())]
    ordered = dict.fromkeys(reference for _is_bare, reference in sorted(found, key=_is_bare))
    return list(islice(ordered, MOST_REFERENCES))


def _may_be_token(word: str) -> bool:
    return word.startswith(_BEGINNING_OF_A_TOKEN) and word.count(".") == _DOTS_OF_A_TOKEN


def _is_bare(found: tuple[bool, str]) -> bool:
    return found[0]
