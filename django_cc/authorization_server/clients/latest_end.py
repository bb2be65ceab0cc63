"""The latest end that a machine client, or a credential of one, may have."""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LATEST_YEAR: Final = 2200  # the year 9999 has hours that no other zone can tell


def validate_year(moment: datetime) -> None:
    """Return if a moment is in a year that people mean; in its own zone, as it was typed.

    Raises:
        ValidationError: it is later.
    """
    if moment.year > LATEST_YEAR:
        raise ValidationError(_("The year must be at most %(year)d.") % {"year": LATEST_YEAR})


def require_sane_end(expires_at: datetime | None) -> None:
    """Return if an end is in a year that people mean, or never comes.

    Raises:
        ValidationError: it is later; for the field `expires_at`.
    """
    try:
        if expires_at is not None:
            validate_year(expires_at)
    except ValidationError as problem:
        raise ValidationError({"expires_at": problem.messages}) from None
