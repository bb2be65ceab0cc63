"""A form in which no client secret belongs: one that is typed all the same is not shown again."""

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from django_cc.authorization_server.typed_secrets import SECRET_REFUSED, holds_secret


class SecretlessForm(forms.Form):
    """Refuses a client secret at whichever field it was typed, and empties that field."""

    def full_clean(self) -> None:
        """Clean the form without what looks like a secret, and say so where it was."""
        found = [name for name in self.fields if self._holds_secret(name)]
        if found:
            emptied: Any = copy(self.data)
            for name in found:
                emptied[self.add_prefix(name)] = ""
            self.data = emptied
        super().full_clean()
        for name in found:
            self.errors.pop(name, None)
            self.add_error(name, ValidationError(SECRET_REFUSED))

    def _holds_secret(self, name: str) -> bool:
        if not self.is_bound:
            return False
        widget = self.fields[name].widget
        typed = widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return isinstance(typed, str) and holds_secret(typed)
