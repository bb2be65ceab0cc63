"""The rule for how many tokens a machine client may get in a minute."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HIGHEST_RATE = 1_000_000


def clean_rate(rate: int | None) -> int | None:
    """Return a rate, in tokens a minute; None for any number.

    Raises:
        ValidationError: it is below 1 or above a million; for the field.
    """
    if rate is not None and not 1 <= rate <= HIGHEST_RATE:
        problem = _("A rate is a number of tokens a minute, from 1 to %(most)d.")
        raise ValidationError({"rate": problem % {"most": HIGHEST_RATE}})
    return rate
