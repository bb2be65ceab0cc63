"""Keep client secrets out of what people type where none belongs, and out of the audit trail."""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SECRET_PREFIX: Final = "dccs_"  # noqa: S105 - lets secret scanners and people recognise one
SECRET_REFUSED: Final = _(
    "That looks like a client secret: it was not stored. Use Identify to find whose it is."
)

# Most of one is enough to guess the rest from. One way to match, so never slow.
_MOST_OF_A_SECRET: Final = re.compile(rf"{SECRET_PREFIX}[0-9A-Za-z]{{20,}}")


def holds_secret(text: str) -> bool:
    """Tell whether `text` has most of a client secret in it."""
    return _MOST_OF_A_SECRET.search(text) is not None


def require_no_secret(text: str, *, field: str) -> None:
    """Return if no client secret is in a text that is to be stored.

    Raises:
        ValidationError: there is one, which the words do not repeat; for the field.
    """
    if holds_secret(text):
        raise ValidationError({field: SECRET_REFUSED})


def cut_out_secrets(text: str) -> str:
    """Return `text` with every client secret in it cut down to the prefix they all have."""
    return _MOST_OF_A_SECRET.sub(f"{SECRET_PREFIX}…", text)
