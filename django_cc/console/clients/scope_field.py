"""A field that chooses scopes, API by API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.models import API, Scope

if TYPE_CHECKING:
    _ScopeIterator = forms.models.ModelChoiceIterator[Scope]
    _ScopesField = forms.ModelMultipleChoiceField[Scope]
else:  # generic in the stubs alone
    _ScopeIterator = forms.models.ModelChoiceIterator
    _ScopesField = forms.ModelMultipleChoiceField

MOST_SCOPES = 200  # beyond, a list of checkboxes helps nobody
_FEW_APIS = 4  # so many are shown unfolded
_FEW_SCOPES = 12  # beyond, there is a box to filter by


class ScopeCheckboxes(forms.CheckboxSelectMultiple):
    """A checkbox for each scope, in a fieldset for each API that can be folded.

    Attributes:
        disabled: the keys of scopes that this user may not give.
    """

    template_name = "django_cc/widgets/scope_checkboxes.html"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Let everything be ticked, until somebody says otherwise."""
        super().__init__(*arguments, **options)
        self.disabled: frozenset[Any] = frozenset()

    def create_option(self, name: str, value: Any, *arguments: Any, **options: Any) -> Any:
        """Lock what may not be ticked."""
        option = super().create_option(name, value, *arguments, **options)
        if value in self.disabled:
            option["attrs"]["disabled"] = True
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Unfold the first API, those with a tick, and all where they are few."""
        context = super().get_context(name, value, attrs)
        groups = context["widget"]["optgroups"]
        context["widget"]["apis"] = [
            {
                "name": api,
                "scopes": scopes,
                "is_open": not number
                or len(groups) <= _FEW_APIS
                or any(one["selected"] for one in scopes),
            }
            for number, (api, scopes, _index) in enumerate(groups)
        ]
        context["widget"]["has_many"] = sum(len(group[1]) for group in groups) > _FEW_SCOPES
        return context


class ScopesByAPI(_ScopeIterator):
    """Offers the scopes API by API, read when the form is shown."""

    def __iter__(self) -> Iterator[Any]:
        for api in API.objects.filter(built_in=False).prefetch_related("scopes").order_by("name"):
            scopes = sorted(api.scopes.all(), key=lambda scope: scope.name)
            if scopes:
                yield (
                    f"{api.name} ({api.identifier})",
                    [(one.pk, describe_scope(one)) for one in scopes],
                )


class ScopesByAPIField(_ScopesField):
    """Chooses scopes, grouped by API."""

    widget = ScopeCheckboxes
    iterator = ScopesByAPI

    def __init__(self, **options: Any) -> None:
        """Offer every scope but those of the built-in API."""
        queryset = Scope.objects.filter(api__built_in=False).select_related("api")
        standard: dict[str, Any] = {"queryset": queryset, "label": _("Scopes")}
        super().__init__(**(standard | options))

    def lock_restricted(self) -> bool:
        """Let nobody tick a restricted scope here; return whether there is any."""
        widget: Any = self.widget  # of this field alone; the stubs speak of the class's
        restricted = Scope.objects.filter(api__built_in=False, restricted=True)
        widget.disabled = frozenset(restricted.values_list("pk", flat=True))
        return bool(widget.disabled)


def describe_scope(scope: Scope) -> Any:
    """Return what stands beside the checkbox of a scope."""
    text = f"{scope.name}: {scope.description}" if scope.description else scope.name
    if not scope.restricted:
        return text
    badge = gettext("Restricted")
    return format_html('{} <span class="cc-badge">{}</span>', text, badge)
