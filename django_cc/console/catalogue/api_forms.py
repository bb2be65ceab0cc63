"""What is typed about an API and its scopes."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_cc.authorization_server.apis.api_editing import require_identifier
from django_cc.authorization_server.apis.in_use import find_holders
from django_cc.authorization_server.apis.scope_editing import require_scope_name
from django_cc.authorization_server.token_lifetimes import clean_token_lifetime
from django_cc.console.catalogue.careful_form import CarefulForm
from django_cc.models import API, AuditEvent, Scope

if TYPE_CHECKING:
    _FormSet = forms.BaseInlineFormSet[Scope, API, "ScopeForm"]
    _Inline = admin.StackedInline[Scope, API]
else:  # generic in the stubs alone
    _FormSet = forms.BaseInlineFormSet
    _Inline = admin.StackedInline


class APIForm(CarefulForm):
    """Name, identifier and token lifetime of an API; the identifier only once."""

    edit_event = AuditEvent.Event.API_UPDATED

    class Meta:
        model = API
        fields = ["name", "identifier", "token_lifetime"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Carry along what is there where an API is edited."""
        super().__init__(*arguments, **options)
        for name in {"name", "token_lifetime"} & {*self.fields}:
            self.fields[name].show_hidden_initial = self.instance.pk is not None

    def clean_identifier(self) -> str:
        """Refuse what the server would refuse."""
        identifier = str(self.cleaned_data["identifier"])
        _refuse_early(require_identifier, identifier, field="identifier")
        return identifier

    def clean_token_lifetime(self) -> int | None:
        """Refuse what the server would refuse."""
        seconds: int | None = self.cleaned_data["token_lifetime"]
        _refuse_early(clean_token_lifetime, to_lifetime(seconds), field="token_lifetime")
        return seconds

    def describe_edited(self) -> str:
        """Return the identifier."""
        return f"{self.instance.identifier} "


class ScopeForm(CarefulForm):
    """One scope of an API; its name only once."""

    edit_event = AuditEvent.Event.SCOPE_UPDATED

    class Meta:
        model = Scope
        fields = ["name", "description", "restricted"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Keep the name of a scope that is there: tokens carry it."""
        super().__init__(*arguments, **options)
        is_there = self.instance.pk is not None
        for name in {"description", "restricted"} & {*self.fields}:
            self.fields[name].show_hidden_initial = is_there
        if "name" in self.fields:
            self.fields["name"].disabled = is_there

    def clean_name(self) -> str:
        """Refuse what the server would refuse."""
        name = str(self.cleaned_data["name"])
        _refuse_early(require_scope_name, name, field="name")
        return name

    def describe_edited(self) -> str:
        """Return the scope as the trail writes it."""
        return f"{self.instance.name} at {self.instance.api.identifier}"


class ScopeFormSet(_FormSet):
    """The scopes of one API."""

    def clean(self) -> None:
        """Refuse to delete what clients hold; by number, for not everybody sees every client."""
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk is not None:
                _require_unheld(form.instance)


class ScopeInline(_Inline):
    """The scopes on the page of their API."""

    model = Scope
    form = ScopeForm
    formset: Any = ScopeFormSet
    extra = 1
    verbose_name_plural = _("scopes")
    fields = ("name", "description", "restricted")
    ordering = ("name",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Replace the admin's words on a scope in use, which would name every client."""
        formset: Any = super().get_formset(request, obj, **options)
        silent = {"hand_clean_DELETE": lambda _form: None}
        formset.form = type("ScopeForm", (formset.form,), silent)
        return formset

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave what is from configuration to the settings."""
        return super().has_change_permission(request, obj) and is_kept_here(obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave what is from configuration to the settings."""
        return super().has_add_permission(request, obj) and is_kept_here(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave what is from configuration to the settings."""
        return super().has_delete_permission(request, obj) and is_kept_here(obj)


def is_kept_here(api: API | None) -> bool:
    """Tell whether an API is edited in the console, as one that is yet to be created is."""
    return api is None or not (api.from_configuration or api.built_in)


def to_lifetime(seconds: int | None) -> timedelta | None:
    """Return what the field of seconds means."""
    return None if seconds is None else timedelta(seconds=seconds)


def _refuse_early(require: Any, value: object, *, field: str) -> None:
    try:
        require(value)
    except ValidationError as error:
        raise ValidationError(error.message_dict[field]) from None


def _require_unheld(scope: Scope) -> None:
    count = find_holders(scope).count()
    if count:
        problem = ngettext(
            "%(count)d machine client holds the scope “%(scope)s”: first remove it from its API "
            "access. Nothing was saved.",
            "%(count)d machine clients hold the scope “%(scope)s”: first remove it from their API "
            "access. Nothing was saved.",
            count,
        )
        raise ValidationError(problem % {"count": count, "scope": scope.name})
