"""Texts of one line, as people type them: blanks folded, printable, not too long."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.authorization_server.typed_secrets import require_no_secret

REASON_LENGTH = 255


def fold_blanks(text: str) -> str:
    """Return `text` without blanks at its ends and with single ones between its words."""
    return " ".join(text.split())


def clean_line(text: str, *, field: str, longest: int) -> str:
    """Return `text` with its blanks folded; it may be empty.

    Args:
        text: what was typed.
        field: which field a refusal is for.
        longest: how many characters fit.

    Raises:
        ValidationError: too long, with characters that do not print, or with a client secret in
            it; for the field.
    """
    text = fold_blanks(text)
    if len(text) > longest or not text.isprintable():
        problem = _("Use at most %(length)d printable characters.") % {"length": longest}
        raise ValidationError({field: problem})
    require_no_secret(text, field=field)
    return text


def clean_reason(reason: str) -> str:
    """Return the reason for an act as the audit trail can keep it.

    Raises:
        ValidationError: longer than 255 characters, it does not print, or a client secret is in it;
            for `reason`.
    """
    return clean_line(reason, field="reason", longest=REASON_LENGTH)
