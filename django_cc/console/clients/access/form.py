"""The form by which a machine client's API access is chosen."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.apis.scope_choice import list_grantable_scopes
from django_cc.authorization_server.clients.access_setting import list_held_scopes
from django_cc.console.clients.scope_field import ScopeCheckboxes, describe_scope
from django_cc.models import API, MachineClient, Scope

if TYPE_CHECKING:
    _ScopeIterator = forms.models.ModelChoiceIterator[Scope]
    _ScopesField = forms.ModelMultipleChoiceField[Scope]
    _APIField = forms.ModelChoiceField[API]
else:  # generic in the stubs alone
    _ScopeIterator = forms.models.ModelChoiceIterator
    _ScopesField = forms.ModelMultipleChoiceField
    _APIField = forms.ModelChoiceField


_KEY = re.compile(r"[0-9]{1,18}")


class GrantableScopes(_ScopeIterator):
    """Offers every scope that can be given, API by API, read when the form is shown."""

    def __iter__(self) -> Iterator[Any]:
        by_api: dict[API, list[Scope]] = {}
        for scope in self.queryset.order_by("api__built_in", "api__name", "name"):
            by_api.setdefault(scope.api, []).append(scope)
        for api, scopes in by_api.items():
            group = f"{api.name} ({api.identifier})"
            yield group, [(scope.pk, describe_scope(scope)) for scope in scopes]


class GrantableScopesField(_ScopesField):
    """Chooses scopes of any API, this server's own too."""

    widget = ScopeCheckboxes
    iterator = GrantableScopes


class AccessForm(forms.Form):
    """What a client may do, and which API is meant when it names none.

    `seen` is what it held when the form was shown: somebody else may change it meanwhile.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    scopes = GrantableScopesField(
        queryset=list_grantable_scopes(),
        required=False,
        label=_("Scopes"),
        help_text=_("What the client may do. It holds nothing that is not ticked."),
    )
    default_api = _APIField(
        queryset=API.objects.filter(built_in=False).order_by("name"),
        required=False,
        label=_("Default API"),
        empty_label=_("None"),
        help_text=_(
            "Which API a token is for when the request names neither API nor scope, or several fit."
        ),
    )

    def __init__(self, data: Any = None, *, client: MachineClient, may_restricted: bool) -> None:
        """Begin with what the client holds.

        Args:
            data: what was submitted, if anything was.
            client: whose access it is.
            may_restricted: whether the user may give restricted scopes.
        """
        held = [scope.pk for scope in list_held_scopes(client)]
        initial = {
            "seen": ",".join(map(str, sorted(held))),
            "scopes": held,
            "default_api": client.default_api_id,
        }
        super().__init__(data, initial=initial)
        if not may_restricted:
            restricted = Scope.objects.filter(restricted=True).exclude(pk__in=held)
            widget: Any = self.fields["scopes"].widget
            widget.disabled = frozenset(restricted.values_list("pk", flat=True))

    def clean_seen(self) -> frozenset[int]:
        """Read the keys; what is none leads to a conflict, as if others had been seen."""
        return frozenset(int(key) for key in _KEY.findall(self.cleaned_data["seen"]))
