"""The latest end that a machine client or a credential of one may have."""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LATEST_YEAR: Final = 2200  # the last that every zone has is 9998; nobody means one of these


def require_sane_year(moment: datetime | None) -> None:
    """Return if a moment, in whatever zone, is in no year that only a slip of the hand gives.

    Raises:
        ValidationError: it is.
    """
    if moment is not None and moment.year > LATEST_YEAR:
        problem = _("The year must be %(year)d at most.") % {"year": LATEST_YEAR}
        raise ValidationError(problem)
