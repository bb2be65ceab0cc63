"""The form on the overview of a machine client: what is said of it, and who manages it."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.details import NAME_TAKEN, clean_name, find_twin
from django_cc.authorization_server.clients.editing import Changes
from django_cc.authorization_server.clients.lookup import find_owner
from django_cc.authorization_server.unchanged import UNCHANGED
from django_cc.console.site.rights import Right, may, select_visible
from django_cc.console.site.secretless_form import SecretlessForm
from django_cc.models import MachineClient

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[MachineClient]
else:
    _ModelForm = forms.ModelForm  # generic in the stubs alone


class OverviewForm(SecretlessForm, _ModelForm):
    """Asks what `update_client` needs; it does not save by itself."""

    # Bound for each request by the admin, as Django's admin wants a class.
    editor: ClassVar[AbstractBaseUser]
    refusal: ClassVar[ValidationError | None]  # what the server said to the valid form

    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        help_text=_(
            "A user name; empty for nobody. Tokens do not depend on this account: the client "
            "keeps working if the owner leaves."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    owning_group = forms.ModelChoiceField(
        label=_("Owning group"),
        queryset=Group.objects.none(),
        required=False,
        help_text=_("Everyone in the group can manage it too. Recommended for production."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = MachineClient
        fields = ["name", "description"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer what this user may change."""
        super().__init__(*arguments, **options)
        client = self.instance
        self.initial["owner"] = client.owner.get_username() if client.owner else ""
        self.initial["version"] = client.version
        allowed = list_fields(self.editor)
        for name in ("owner", "owning_group"):
            if name not in allowed:
                del self.fields[name]
        group = self.fields.get("owning_group")
        if isinstance(group, forms.ModelChoiceField):
            self.initial["owning_group"] = client.owning_group_id
            group.queryset = _list_groups(self.editor, client)

    def clean_name(self) -> str:
        """Refuse what the server would refuse."""
        return str(_ask(clean_name, self.cleaned_data["name"], field="name"))

    def clean_owner(self) -> AbstractBaseUser | None:
        """Find the user."""
        username = self.cleaned_data["owner"]
        return _ask(find_owner, username, field="owner") if username else None

    def clean(self) -> dict[str, Any]:
        """Say at the fields what the server said of them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.refusal is not None:
            self._add_refusal(self.refusal)
        return cleaned

    def _add_refusal(self, refusal: ValidationError) -> None:
        by_field = getattr(refusal, "error_dict", {None: refusal})
        for field, problem in by_field.items():
            told = self._tell_taken(problem) if _is_taken(problem) else problem
            self.add_error(field if field in self.fields else None, told)

    def _tell_taken(self, problem: Any) -> Any:
        # An owner's private clients are nobody else's business, their names neither.
        owner = self.cleaned_data.get("owner", self.instance.owner)
        twin = find_twin(self.cleaned_data["name"], owner, apart_from=self.instance)
        seen = select_visible(MachineClient.objects.all(), self.editor)
        if twin is None or seen.filter(pk=twin.pk).exists():
            return problem
        return gettext("This name cannot be used for this client's owner. Choose another one.")

    def validate_constraints(self) -> None:
        """Leave the unique name to the server, whose words help more."""

    def to_changes(self) -> Changes:
        """Return what the valid form asks for; fields it does not have stay as they are."""
        return Changes(
            name=self.cleaned_data["name"],
            # Browsers end lines as forms do; the rest of the world does not.
            description=self.cleaned_data["description"].replace("\r\n", "\n"),
            owner=self.cleaned_data.get("owner", UNCHANGED),
            owning_group=self.cleaned_data.get("owning_group", UNCHANGED),
        )


def list_fields(user: AbstractBaseUser | AnonymousUser) -> list[str]:
    """Return what `user` may change of a client that they see and may edit."""
    fields = ["name", "description"]
    if may(user, Right.ACCESS_ALL_CLIENTS):
        fields.append("owner")
    if hasattr(user, "groups"):  # custom users may have none
        fields.append("owning_group")
    return fields


def _list_groups(user: Any, client: MachineClient) -> Any:
    if may(user, Right.ACCESS_ALL_CLIENTS):
        return Group.objects.order_by("name")
    own = Q(pk__in=user.groups.values("pk")) | Q(pk=client.owning_group_id)
    return Group.objects.filter(own).order_by("name")


def _is_taken(problem: Any) -> bool:
    return any(getattr(one, "code", None) == NAME_TAKEN for one in problem)


def _ask(clean: Any, value: str, *, field: str) -> Any:
    try:
        return clean(value)
    except ValidationError as error:
        raise ValidationError(error.error_dict[field]) from None
