"""For how long what is replaced works on: a choice, or a date of one's own."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.secrets import LONGEST_OVERLAP
from django_cc.authorization_server.settings import get_settings
from django_cc.console.clients.moments import MomentField

_HOUR = timedelta(hours=1)
_CHOICES = (timedelta(hours=24), _HOUR, timedelta(days=3), timedelta(days=7))
_AT_A_TIME = "at"
_IMMEDIATELY = "0"


class OverlapForm(forms.Form):
    """Asks when the old one stops working."""

    overlap = forms.ChoiceField(label="", widget=forms.RadioSelect)
    ends_at = MomentField(label=_("The time"), required=False)

    def __init__(self, *arguments: Any, what: str, **options: Any) -> None:
        """Ask for the end of `what`; ROTATION_OVERLAP is what is proposed."""
        super().__init__(*arguments, **options)
        field = self.fields["overlap"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.label, field.choices = what, _list_choices()
        field.initial = _to_seconds(get_settings().rotation_overlap)
        zone = timezone.localtime().tzname()
        words = {"zone": zone, "days": LONGEST_OVERLAP.days}
        text = gettext("Only for “at a time”: in %(zone)s, at most %(days)d days ahead.")
        self.fields["ends_at"].help_text = text % words

    def clean(self) -> dict[str, Any]:
        """Turn the choice into a duration, `cleaned_data["overlap"]`."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        choice = cleaned.get("overlap")
        if choice == _AT_A_TIME:
            cleaned["overlap"] = self._read_time(cleaned)
        elif choice is not None:
            cleaned["overlap"] = timedelta(seconds=int(choice))
        return cleaned

    def _read_time(self, cleaned: dict[str, Any]) -> timedelta | None:
        ends_at = cleaned.get("ends_at")
        overlap: timedelta | None = None if ends_at is None else ends_at - timezone.now()
        if overlap is not None and timedelta(0) < overlap <= LONGEST_OVERLAP:
            return overlap
        if "ends_at" not in self.errors:
            problem = gettext("Name a time within the next %(days)d days.")
            self.add_error("ends_at", ValidationError(problem % {"days": LONGEST_OVERLAP.days}))
        return None


def _list_choices() -> list[tuple[str, Any]]:
    usual = get_settings().rotation_overlap
    more = [usual] if usual and usual not in _CHOICES else []
    return [
        *((_to_seconds(one), _describe(one)) for one in (*more, *_CHOICES)),
        (_AT_A_TIME, _("at a time")),
        (_IMMEDIATELY, _("Immediately: anything still using it fails at once")),
    ]


def _to_seconds(duration: timedelta) -> str:
    return str(int(duration.total_seconds()))


def _describe(duration: timedelta) -> str:
    hours, rest = divmod(duration, _HOUR)
    if rest:
        return str(duration)
    if hours > 24 and not hours % 24:  # noqa: PLR2004 - hours of a day
        days = hours // 24
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("in %(hours)d hour", "in %(hours)d hours", hours) % {"hours": hours}
