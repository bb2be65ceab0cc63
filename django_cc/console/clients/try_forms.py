"""The forms of the tab "Try it": what to ask for, and what proves it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.access_setting import list_held_scopes
from django_cc.authorization_server.token_trial import (
    ClientSecretCredential,
    Credential,
    SignedAssertion,
)
from django_cc.models import MachineClient
from django_cc.protocol.secret_text import SecretText

_LONGEST_SCOPE = 2000
_LONGEST_CREDENTIAL = 16_000
_PRIVATE: dict[str, Any] = {
    "autocomplete": "off",
    "spellcheck": "false",
    "dir": "ltr",
    "translate": "no",
    "data-private": True,
    "data-1p-ignore": True,
    "data-lpignore": "true",
}


class UnrepeatedTextarea(forms.Textarea):
    """A text area that is always shown empty, like a field for a password."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Leave the value out."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


class RequestForm(forms.Form):
    """Which API and which scopes a token request names."""

    api = forms.ChoiceField(
        label=_("API"),
        required=False,
        help_text=_("Which API the token is for; sent as “resource”."),
    )
    scope = forms.CharField(
        label=_("Scopes"),
        required=False,
        max_length=_LONGEST_SCOPE,
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr", "translate": "no"}),
    )

    def __init__(self, *args: Any, client: MachineClient, **kwargs: Any) -> None:
        """Offer the APIs at which the client holds something."""
        super().__init__(*args, **kwargs)
        held = list_held_scopes(client)
        apis = {scope.api.identifier: scope.api for scope in held}
        choices = [("", gettext("Not named: the server chooses"))]
        choices += [
            (api.identifier, f"{api.name} ({api.identifier})")
            for api in sorted(apis.values(), key=lambda api: api.name)
        ]
        field = self.fields["api"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices
        text = gettext("Separated by blanks. Empty: none is sent. The client holds: %(names)s.")
        names = ", ".join(dict.fromkeys(scope.name for scope in held)) or gettext("nothing")
        self.fields["scope"].help_text = text % {"names": names}


class TrialForm(RequestForm):
    """A request with the credential that the client authenticates by, never shown again."""

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        strip=False,  # a blank too much is what a program sends, too
        max_length=_LONGEST_CREDENTIAL,
        widget=forms.PasswordInput(attrs={"class": "vTextField", **_PRIVATE}),
        help_text=_("Used for this one request; neither stored nor logged."),
    )
    assertion = forms.CharField(
        label=_("Signed assertion"),
        required=False,
        max_length=_LONGEST_CREDENTIAL,
        widget=UnrepeatedTextarea(attrs={"rows": 4, **_PRIVATE}),
        help_text=_("A JWT that the client signed for this server. This request uses it up."),
    )

    def __init__(self, *args: Any, client: MachineClient, **kwargs: Any) -> None:
        """Ask for what authenticates the client now."""
        super().__init__(*args, client=client, auto_id="id_test_%s", **kwargs)
        families = {client.authentication}
        until = client.previous_authentication_until
        if until is not None and until > timezone.now():
            families.add(client.previous_authentication)
        if MachineClient.Authentication.CLIENT_SECRET not in families:
            del self.fields["secret"]
        if MachineClient.Authentication.PRIVATE_KEY_JWT not in families:
            del self.fields["assertion"]

    def clean(self) -> dict[str, Any]:
        """Demand exactly one credential."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = [name for name in ("secret", "assertion") if cleaned.get(name)]
        if len(given) != 1 and not self.errors:
            raise ValidationError(gettext("Give exactly one credential of the client."))
        return cleaned

    def read_credential(self) -> Credential:
        """Return the credential of the valid form."""
        secret = self.cleaned_data.get("secret")
        if secret:
            return ClientSecretCredential(SecretText(secret))
        return SignedAssertion(SecretText(self.cleaned_data["assertion"]))
