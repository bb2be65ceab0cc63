"""A field for where a credential is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteField(forms.CharField):
    """Takes one line, for people; never the secret."""

    def __init__(self, **options: Any) -> None:
        """Say what it is for."""
        standard: dict[str, Any] = {
            "label": _("Note"),
            "required": False,
            "max_length": 255,
            "help_text": _("Where is it kept? For example the path in a vault. Never the secret."),
            "widget": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        }
        super().__init__(**(standard | options))
