"""A field for a moment, with the date picker that the browser brings along."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.clients.latest_end import validate_year

_FORMAT = "%Y-%m-%dT%H:%M"  # of the HTML standard, whatever the language


class MomentField(forms.DateTimeField):
    """Takes a day and a time in the site's zone, which the label names; gives aware ones."""

    default_validators = [validate_year]

    def __init__(self, **options: Any) -> None:
        """Have the browser ask for both at once."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMAT)
        standard: dict[str, Any] = {"widget": widget, "input_formats": [_FORMAT]}
        super().__init__(**(standard | options))

    def widget_attrs(self, widget: forms.Widget) -> Any:
        """Say which zone the time is in, where it is read aloud or pointed at."""
        zone = timezone.localtime().tzname()
        return {**super().widget_attrs(widget), "title": gettext("In %(zone)s.") % {"zone": zone}}
