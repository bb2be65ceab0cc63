"""What a registration says of credentials: which kind, who gets them, and public keys."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.public_key_text import read_public_keys
from django_cc.console.clients.credentials.lifetimes import LifetimeField
from django_cc.console.clients.credentials.public_key_field import (
    PublicKeyField,
    RSAAlgorithmField,
)
from django_cc.console.clients.registration_offer import LATER, SHOW_TO_ME
from django_cc.console.settings import get_settings
from django_cc.models import MachineClient
from django_cc.protocol.jose import JWK

_Family = MachineClient.Authentication


class CredentialFields(forms.Form):
    """Fields of a form. What does not go with the kind that was chosen is not looked at."""

    authentication = forms.ChoiceField(
        label=_("How it proves who it is"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (
                _Family.PRIVATE_KEY_JWT.value,
                _(
                    "Signed JWT (private key): you keep the private key, we never see a secret. "
                    "Recommended."
                ),
            ),
            (
                _Family.CLIENT_SECRET.value,
                _("Client secret: simplest; a shared secret sent with each request."),
            ),
        ],
        initial=lambda: get_settings().default_auth_method,
    )
    secret_receiver = forms.ChoiceField(
        label=_("Who receives the secret"), required=False, widget=forms.RadioSelect
    )
    secret_expires = LifetimeField(required=False)
    public_key = PublicKeyField(required=False)
    rsa_algorithm = RSAAlgorithmField()
    jwks_uri = forms.CharField(
        label=_("or: JWKS URL"),
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=_("Where the program publishes its public keys: https."),
    )
    save_anyway = forms.BooleanField(
        label=_("Save anyway"), required=False, widget=forms.HiddenInput
    )

    def say_which_to_take(self) -> None:
        """Leave no doubt where what is recommended is not what is chosen at first."""
        if get_settings().default_auth_method != _Family.CLIENT_SECRET:
            return
        field = self.fields["authentication"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        signed = _(
            "Signed JWT (private key): you keep the private key, we never see a secret. "
            "Recommended where the program can keep a key."
        )
        secret = _(
            "Client secret: simplest; a shared secret sent with each request. Take this if unsure."
        )
        field.choices = [
            (_Family.PRIVATE_KEY_JWT.value, signed),
            (_Family.CLIENT_SECRET.value, secret),
        ]

    def offer_receivers(self, *, may_issue: bool) -> None:
        """Let the secret be shown to those alone who may see one."""
        receiver = self.fields["secret_receiver"]
        assert isinstance(receiver, forms.ChoiceField)  # noqa: S101 - tells the type checker
        later = (LATER, _("Let the owner create it later: you never see it."))
        receiver.choices = [(SHOW_TO_ME, _("Show it to me now")), later] if may_issue else [later]
        receiver.initial = SHOW_TO_ME if may_issue else LATER
        if not may_issue:
            receiver.help_text = _("To see it now needs someone who may create credentials.")

    def clean_credentials(self, cleaned: dict[str, Any]) -> None:
        """Settle which kind it is, and read what goes with it."""
        cleaned["authentication"] = cleaned.get("authentication") or self._get_initial(
            "authentication"
        )
        cleaned["secret_receiver"] = cleaned.get("secret_receiver") or self._get_initial(
            "secret_receiver"
        )
        cleaned["jwks"] = []
        if cleaned["authentication"] == _Family.PRIVATE_KEY_JWT:
            self._clean_keys(cleaned)
        else:
            cleaned["jwks_uri"] = ""
            if cleaned["secret_receiver"] == SHOW_TO_ME and not cleaned.get("secret_expires"):
                self._require("secret_expires")

    def ask_whether_to_save(self, problem: ValidationError) -> None:
        """Say that the keys cannot be read at their URL, and offer to keep it all the same."""
        self.add_error("jwks_uri", problem.message_dict["jwks_uri"])
        self.fields["save_anyway"].widget = forms.CheckboxInput()

    def _clean_keys(self, cleaned: dict[str, Any]) -> None:
        text = cleaned.get("public_key")
        if not text:
            return
        try:
            cleaned["jwks"] = read_public_keys(text, rsa_algorithm=cleaned.get("rsa_algorithm"))
        except ValidationError as error:
            self.add_error("public_key", error.message_dict["jwk"])

    def _get_initial(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def _require(self, name: str) -> None:
        if name not in self.errors:
            self.add_error(name, gettext("This field is required."))

    def list_keys(self) -> list[JWK]:
        """Return the public keys of the valid form."""
        jwks: list[JWK] = self.cleaned_data["jwks"]
        return jwks
