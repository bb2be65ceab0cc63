"""For how long a new secret lives, as a choice of days."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.attention import EXPIRING_WITHIN
from django_cc.authorization_server.settings import get_settings

_DAYS = (30, 90, 180, 365)
_NEVER = "never"


class LifetimeField(forms.ChoiceField):
    """Offers the lifetimes that `SECRET_MAX_AGE` allows, read when the form is made."""

    def __init__(self, **options: Any) -> None:
        """Say what it is for."""
        standard: dict[str, Any] = {
            "label": _("Secret expires"),
            "help_text": format_lazy(
                _("Shown on the dashboard from {days} days before. Shorter is safer."),
                days=EXPIRING_WITHIN.days,
            ),
            "choices": list_lifetimes,
            "initial": propose_lifetime,
        }
        super().__init__(**(standard | options))


def list_lifetimes() -> list[tuple[str, str]]:
    """Return the choices, the shortest first."""
    longest = get_settings().secret_max_age
    days = [days for days in _DAYS if longest is None or timedelta(days=days) <= longest]
    if longest is not None and longest.days not in days:
        days.append(longest.days)
    choices = [
        (str(number), ngettext("in %(days)d day", "in %(days)d days", number) % {"days": number})
        for number in days
    ]
    return [*choices, (_NEVER, gettext("never"))] if longest is None else choices


def propose_lifetime() -> str:
    """Return the choice that is made for whoever makes none: the longest, but never for ever."""
    return [choice for choice, _words in list_lifetimes() if choice != _NEVER][-1]


def find_end(choice: str) -> datetime | None:
    """Return when a secret of that choice ends (aware UTC), if it is made now."""
    return None if choice == _NEVER else timezone.now() + timedelta(days=int(choice))
