"""A field for public keys that never gives back a private one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.public_key_text import (
    LONGEST_TEXT,
    UnsafeKeyTextError,
    read_public_keys,
)
from django_cc.protocol.key_kinds import NOT_TOLD_BY_THE_KEY
from django_cc.protocol.names import SigningAlgorithm


class PublicKeyInput(forms.Textarea):
    """A text box that shows again what was typed only if it is recognised as public."""

    def __init__(self) -> None:
        """Keep browsers from completing and correcting it."""
        attributes = {"rows": 6, "cols": 64, "spellcheck": "false", "autocomplete": "off"}
        super().__init__({**attributes, "class": "cc-key-text", "dir": "ltr", "translate": "no"})

    def format_value(self, value: Any) -> str | None:
        """Return the text, or nothing where it may be a private key."""
        try:
            read_public_keys(str(value or ""))
        except UnsafeKeyTextError:
            return None
        except ValidationError:
            return str(value)  # public, and refused for something else
        return str(value)


class PublicKeyField(forms.CharField):
    """Takes PEM, a JWK or a JWK Set as text; `read_public_keys` reads it."""

    def __init__(self, **options: Any) -> None:
        """Say what it is for."""
        standard: dict[str, Any] = {
            "label": _("Public key (PEM, JWK or JWK Set)"),
            "help_text": _("Paste the public half only. The private key stays with the program."),
            "widget": PublicKeyInput,
            "max_length": LONGEST_TEXT,
        }
        super().__init__(**(standard | options))


class RSAAlgorithmField(forms.ChoiceField):
    """Asks what an RSA key is for that does not say."""

    def __init__(self, **options: Any) -> None:
        """Offer both."""
        names = [name.value for name in NOT_TOLD_BY_THE_KEY]
        standard: dict[str, Any] = {
            "label": _("If it is an RSA key, it signs by"),
            "choices": [(name, name) for name in names],
            "initial": names[0],
            "required": False,
            "help_text": _("An RSA key in PEM does not say. For other keys this means nothing."),
        }
        super().__init__(**(standard | options))

    def clean(self, value: Any) -> SigningAlgorithm:
        """Return the algorithm; RS256 where none was chosen."""
        return SigningAlgorithm(super().clean(value) or SigningAlgorithm.RS256)
