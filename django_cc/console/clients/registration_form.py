"""The form that registers a machine client."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.details import clean_name, find_twin
from django_cc.authorization_server.clients.registration import Registration
from django_cc.authorization_server.settings import get_settings
from django_cc.console.site.times import format_time
from django_cc.models import API, MachineClient, Scope

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[MachineClient]
    _ScopeIterator = forms.models.ModelChoiceIterator[Scope]
    _ScopesField = forms.ModelMultipleChoiceField[Scope]
else:  # generic in the stubs alone
    _ModelForm = forms.ModelForm
    _ScopeIterator = forms.models.ModelChoiceIterator
    _ScopesField = forms.ModelMultipleChoiceField

_EXPIRY_DAYS = (30, 90, 180, 365)
_NEVER = "never"


class ScopeCheckboxes(forms.CheckboxSelectMultiple):
    """A checkbox for each scope, in a fieldset for each API."""

    template_name = "django_cc/widgets/scope_checkboxes.html"


class ScopesByAPI(_ScopeIterator):
    """Offers the scopes API by API, read when the form is shown."""

    def __iter__(self) -> Iterator[Any]:
        for api in API.objects.filter(built_in=False).prefetch_related("scopes").order_by("name"):
            scopes = sorted(api.scopes.all(), key=lambda scope: scope.name)
            yield f"{api.name} ({api.identifier})", [(one.pk, _describe(one)) for one in scopes]


class ScopesByAPIField(_ScopesField):
    """Chooses scopes, grouped by API."""

    widget = ScopeCheckboxes
    iterator = ScopesByAPI


def _describe(scope: Scope) -> str:
    return f"{scope.name}: {scope.description}" if scope.description else scope.name


class RegistrationForm(_ModelForm):
    """Asks what `register_client` needs; it does not save by itself."""

    # Bound for each request by the admin, as Django's admin wants a class.
    registrant: ClassVar[AbstractBaseUser]
    may_open: ClassVar[bool]  # whether the registrant may look at machine clients
    refusal: ClassVar[ValidationError | None]  # what the server said to the valid form

    registration_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    secret_expires = forms.ChoiceField(
        label=_("Secret expires"),
        help_text=_("After this the client needs a new secret. Shorter is safer."),
    )
    scopes = ScopesByAPIField(
        queryset=Scope.objects.filter(api__built_in=False).select_related("api"),
        label=_("Scopes"),
        help_text=_("What the client may do. Nothing is granted that is not ticked."),
        error_messages={"required": _("Choose at least one scope: without, no API lets it in.")},
    )

    class Meta:
        model = MachineClient
        fields = ["name", "description"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the lifetimes that `SECRET_MAX_AGE` allows."""
        super().__init__(*args, **kwargs)
        expiry = self.fields["secret_expires"]
        assert isinstance(expiry, forms.ChoiceField)  # noqa: S101 - tells the type checker
        choices = _list_lifetimes()
        expiry.choices = choices
        expiry.initial = choices[-1][0] if choices[-1][0] != _NEVER else str(_EXPIRY_DAYS[-1])
        self.fields["name"].widget.attrs["autofocus"] = True

    def clean_name(self) -> str:
        """Refuse what the server would refuse."""
        try:
            return clean_name(self.cleaned_data["name"])
        except ValidationError as error:
            raise ValidationError(error.message_dict["name"]) from None

    def clean(self) -> dict[str, Any]:
        """Refuse a name the registrant uses already, and say where it is used.

        Not where this very submission has registered it: that is told by a page of its own.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        twin = find_twin(cleaned["name"], self.registrant) if "name" in cleaned else None
        if twin is not None and twin.registration_key != cleaned.get("registration_key"):
            self.add_error("name", _describe_twin(twin, with_link=self.may_open))
        elif self.refusal is not None:
            self.add_error(None, self.refusal)
        return cleaned

    def validate_constraints(self) -> None:
        """Leave the unique name to `clean`, whose words help more."""

    def to_registration(self) -> Registration:
        """Return what the valid form asks for."""
        return Registration(
            name=self.cleaned_data["name"],
            description=self.cleaned_data["description"],
            owner=self.registrant,
            scopes=list(self.cleaned_data["scopes"]),
            registration_key=self.cleaned_data["registration_key"],
            secret_expires_at=_expiry(self.cleaned_data["secret_expires"]),
        )


def _list_lifetimes() -> list[tuple[str, str]]:
    longest = get_settings().secret_max_age
    days = [days for days in _EXPIRY_DAYS if longest is None or timedelta(days=days) <= longest]
    if longest is not None and longest.days not in days:
        days.append(longest.days)
    choices = [
        (str(number), ngettext("in %(days)d day", "in %(days)d days", number) % {"days": number})
        for number in days
    ]
    return [*choices, (_NEVER, gettext("never"))] if longest is None else choices


def _expiry(choice: str) -> datetime | None:
    return None if choice == _NEVER else timezone.now() + timedelta(days=int(choice))


def _describe_twin(twin: MachineClient, *, with_link: bool) -> SafeString:
    if with_link:
        text = gettext(
            "You already have a machine client named “{name}” (registered {time}). "
            '<a href="{url}">Open it</a>, or choose another name.'
        )
    else:
        text = gettext(
            "You already have a machine client named “{name}” (registered {time}). "
            "Choose another name."
        )
    url = reverse("admin:django_cc_machineclient_change", args=[twin.pk])
    described: SafeString = format_html(
        text, name=twin.name, time=format_time(twin.registered_at), url=url
    )
    return described
