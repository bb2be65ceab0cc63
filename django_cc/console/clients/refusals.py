"""Put what the server refuses where it belongs in a form."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError


def add_refusal(
    form: forms.BaseForm, refusal: ValidationError, *, renamed: Mapping[str, str] | None = None
) -> None:
    """Add each message to the field it is for, or to the form where it has no such field.

    Args:
        form: one that has been cleaned.
        refusal: what a service raised.
        renamed: the form's name of a field that the service calls otherwise.
    """
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        field = (renamed or {}).get(name, name)
        form.add_error(field if field in form.fields else None, errors)
