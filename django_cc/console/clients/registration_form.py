"""The form that registers a machine client."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.details import clean_name, find_twin
from django_cc.authorization_server.clients.jwks_uri import UnreadableJWKSetError
from django_cc.authorization_server.clients.lookup import find_owner
from django_cc.authorization_server.clients.registration import Registration
from django_cc.console.clients.credentials.lifetimes import find_end
from django_cc.console.clients.refusals import add_refusal
from django_cc.console.clients.registration_credentials import CredentialFields
from django_cc.console.clients.registration_limits import LimitFields
from django_cc.console.clients.registration_offer import SHOW_TO_ME, RegistrationOffer
from django_cc.console.clients.scope_field import ScopesByAPIField
from django_cc.console.site.secretless_form import SecretlessForm
from django_cc.console.site.times import format_distance
from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[MachineClient]
else:  # generic in the stubs alone
    _ModelForm = forms.ModelForm


class RegistrationForm(SecretlessForm, _ModelForm, CredentialFields, LimitFields):
    """Asks what the services of registration need; it does not save by itself."""

    # Bound for each request by the admin, as Django's admin wants a class.
    offer: ClassVar[RegistrationOffer]
    refusal: ClassVar[ValidationError | None]  # what the server said to the valid form

    registration_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    owner = forms.CharField(
        label=_("Owner"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_(
            "The name of an account, which can manage this client. Tokens do not depend on it: the "
            "client keeps working if the owner leaves."
        ),
    )
    owning_group: "forms.ModelChoiceField[Group]" = forms.ModelChoiceField(
        queryset=None,
        label=_("Owning group"),
        required=False,
        empty_label=_("none"),
        help_text=_("Everyone in the group can manage it too. Recommended for production."),
    )
    scopes = ScopesByAPIField(
        required=False,
        help_text=_("Nothing is granted that is not ticked."),
    )
    without_access = forms.BooleanField(
        label=_("Register without access"), required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = MachineClient
        fields = ["name", "description"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what the registrant may do."""
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True
        self.fields["owner"].initial = self.offer.registrant.get_username()
        self.say_which_to_take()
        self.offer_receivers(may_issue=self.offer.may_issue)
        if self.offer.groups is not None:
            self.fields["owning_group"].queryset = self.offer.groups  # type: ignore[attr-defined]  # of its field
        if not self.offer.may_grant_restricted:
            self._lock_restricted_scopes()
        for name in self.offer.list_left_out():
            del self.fields[name]

    def clean_name(self) -> str:
        """Refuse what the server would refuse."""
        try:
            return clean_name(self.cleaned_data["name"])
        except ValidationError as error:
            raise ValidationError(error.message_dict["name"]) from None

    def clean_owner(self) -> AbstractBaseUser:
        """Return the account; the registrant's own where none is named."""
        username = self.cleaned_data["owner"]
        if not username:
            return self.offer.registrant
        try:
            return find_owner(username)
        except ValidationError as error:
            raise ValidationError(error.message_dict["owner"]) from None

    def clean_scopes(self) -> Any:
        """Refuse restricted scopes to those who may not give them."""
        scopes = self.cleaned_data["scopes"]
        restricted = [scope.name for scope in scopes if scope.restricted]
        if restricted and not self.offer.may_grant_restricted:
            problem = gettext("Needs someone who may grant restricted scopes: %(names)s.")
            raise ValidationError(problem % {"names": ", ".join(sorted(restricted))})
        return scopes

    def clean(self) -> dict[str, Any]:
        """Refuse a name that is used already, missing access, and what the server refused.

        Not a name that this very submission has used: that is told by a page of its own.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned.setdefault("owner", self.offer.registrant)
        self.clean_credentials(cleaned)
        self._require_access_or_none(cleaned)
        twin = find_twin(cleaned["name"], cleaned["owner"]) if "name" in cleaned else None
        if twin is not None and twin.registration_key != cleaned.get("registration_key"):
            self.add_error("name", self._describe_twin(twin))
        elif isinstance(self.refusal, UnreadableJWKSetError):
            self.ask_whether_to_save(self.refusal)
        elif self.refusal is not None:
            add_refusal(self, self.refusal, renamed={"jwk": "public_key"})
        return cleaned

    def validate_constraints(self) -> None:
        """Leave the unique name to `clean`, whose words help more."""

    @property
    def shows_secret(self) -> bool:
        """Whether the registrant gets a secret to see."""
        is_secret = not self.uses_keys
        return is_secret and self.cleaned_data["secret_receiver"] == SHOW_TO_ME

    @property
    def uses_keys(self) -> bool:
        """Whether the client signs JWTs."""
        chosen: str = self.cleaned_data["authentication"]
        return chosen == MachineClient.Authentication.PRIVATE_KEY_JWT

    def to_registration(self) -> Registration:
        """Return what the valid form asks for."""
        cleaned = self.cleaned_data
        return Registration(
            name=cleaned["name"],
            description=cleaned["description"],
            owner=cleaned["owner"],
            owning_group=cleaned.get("owning_group"),
            scopes=list(cleaned.get("scopes") or []),
            registration_key=cleaned["registration_key"],
            secret_expires_at=find_end(cleaned["secret_expires"]) if self.shows_secret else None,
            jwks_uri=cleaned.get("jwks_uri") or "",
            **self.read_limits(),
        )

    def _lock_restricted_scopes(self) -> None:
        field = self.fields["scopes"]
        assert isinstance(field, ScopesByAPIField)  # noqa: S101 - tells the type checker
        if field.lock_restricted():
            field.help_text = _("Restricted ones need someone who may grant restricted scopes.")

    def _require_access_or_none(self, cleaned: dict[str, Any]) -> None:
        if "scopes" not in self.fields or cleaned.get("scopes") or "scopes" in self.errors:
            return
        if not cleaned.get("without_access"):
            problem = gettext("Choose an API scope, or register without access and add it later.")
            self.add_error("scopes", problem)
            self.fields["without_access"].widget = forms.CheckboxInput()

    def _describe_twin(self, twin: MachineClient) -> SafeString | str:
        if twin.owner_id != self.offer.registrant.pk:
            text = gettext(
                "“{owner}” already has a machine client named “{name}”. Choose another name."
            )
            return text.format(owner=self.cleaned_data["owner"].get_username(), name=twin.name)
        return _describe_own_twin(twin, self.offer)


def _describe_own_twin(twin: MachineClient, offer: RegistrationOffer) -> SafeString:
    if offer.may_open:
        text = gettext(
            "You already have a machine client named “{name}” (registered {time}). "
            '<a href="{url}">Open it</a>, or choose another name.'
        )
    else:
        text = gettext(
            "You already have a machine client named “{name}” (registered {time}). "
            "Choose another name."
        )
    url = reverse(
        "admin:django_cc_machineclient_change", args=[twin.pk], current_app=offer.site_name
    )
    described: SafeString = format_html(
        text, name=twin.name, time=format_distance(twin.registered_at, now=timezone.now()), url=url
    )
    return described
