"""Secrets, tokens and assertions as people hand them to a command: a file, never an argument."""

import sys
from pathlib import Path

from django.core.management.base import CommandError
from django.views.decorators.debug import sensitive_variables

from django_cc.protocol.secret_text import SecretText

_LONGEST = 64 * 1024  # characters


@sensitive_variables()
def read_secret_text(source: str) -> SecretText:
    """Return what the file `source` holds, or the standard input for `-`, without blanks around.

    Raises:
        CommandError: it cannot be read, is empty, or is too long; nothing of it is told.
    """
    try:
        text = _read(source)
    except FileNotFoundError:
        raise CommandError(f"There is no file “{source}”.") from None
    except (OSError, ValueError):
        raise CommandError(f"“{source}” cannot be read as text.") from None
    if len(text) > _LONGEST or "\0" in text:
        raise CommandError(f"“{source}” holds no secret, token or reference: it is too long.")
    if not text.strip():
        raise CommandError(f"“{source}” is empty.")
    return SecretText(text.strip())


@sensitive_variables()
def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.read(_LONGEST + 1)
    with Path(source).open(encoding="utf-8") as file:
        return file.read(_LONGEST + 1)
