"""A page that says what will happen, and asks; the POST does it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.one_line import REASON_LENGTH, clean_reason
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.secretless_form import SecretlessForm


class AssentForm(forms.Form):
    """Asks for nothing: whoever sends it has read what happens."""


class ReasonForm(SecretlessForm):
    """Why somebody stops something."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_("Kept in the audit trail."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def clean_reason(self) -> str:
        """Fold blanks, and refuse what does not print."""
        try:
            return clean_reason(str(self.cleaned_data["reason"]))
        except ValidationError as refusal:
            raise ValidationError(refusal.message_dict["reason"]) from None


class TypedAssentForm(forms.Form):
    """Something to type where there is no way back."""

    typed = forms.CharField(
        label="", widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
    )

    def __init__(self, *arguments: Any, expected: str, label: str, **options: Any) -> None:
        """Ask for `expected`, by a `label` that says what it is."""
        super().__init__(*arguments, **options)
        self.expected = expected
        self.fields["typed"].label = label

    def clean_typed(self) -> str:
        """Refuse anything else."""
        typed = str(self.cleaned_data["typed"])
        if typed != self.expected:
            problem = gettext("Type exactly: %(expected)s")
            raise forms.ValidationError(problem % {"expected": self.expected})
        return typed


class TypedForm(TypedAssentForm, ReasonForm):
    """The same, and a reason, which must be given."""

    field_order = ("typed", "reason")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Ask for both."""
        super().__init__(*arguments, **options)
        self.fields["reason"].required = True


class Question(ConsolePage, ABC):
    """Shows what will happen; the POST does it, through one function of the server.

    The arguments of its methods are those of its route.

    Attributes:
        template: how it is shown.
        dangerous: whether its button is red.
        form: what it asks for.
        refusals: what `act` raises where the server refuses; its words become the message.
    """

    template: ClassVar[str] = "django_cc/clients/confirmation.html"
    dangerous: ClassVar[bool] = True
    form: ClassVar[type[forms.Form]] = ReasonForm
    refusals: ClassVar[tuple[type[Exception], ...]] = (ValidationError,)

    def may_see(self, request: HttpRequest) -> bool:
        """Nobody is asked about what they may not do."""
        return super().may_see(request) and self.may_post(request)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask."""
        return self.ask(request, self.make_form(None, **arguments), **arguments)

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Do it, or ask again where the form is wrong; what the server refuses is a message."""
        form = self.make_form(request.POST, **arguments)
        if not form.is_valid():
            return self.ask(request, form, **arguments)
        try:
            text = self.act(request, form, **arguments)
        except self.refusals as refusal:
            return self.leave(request, _describe(refusal), level=messages.ERROR, **arguments)
        return self.leave(request, text, level=messages.SUCCESS, **arguments)

    def ask(self, request: HttpRequest, form: forms.Form, **arguments: Any) -> HttpResponse:
        """Show the question."""
        return self.render(
            request,
            self.template,
            self.make_title(**arguments),
            **arguments,
            form=form,
            consequences=self.list_consequences(**arguments),
            button=self.make_button(**arguments),
            dangerous=self.dangerous,
            back=self.find_way_back(request, **arguments),
        )

    def leave(
        self, request: HttpRequest, text: str, *, level: int, **arguments: Any
    ) -> HttpResponse:
        """Go back with a message."""
        messages.add_message(request, level, text)
        return HttpResponseRedirect(self.find_way_back(request, **arguments))

    def make_form(self, data: Any, **_arguments: Any) -> forms.Form:
        """Return the form that goes with the question."""
        return self.form(data)

    @abstractmethod
    def make_title(self, *arguments: Any, **named: Any) -> str:
        """Return the title: the act and its object."""

    def make_button(self, **arguments: Any) -> str:
        """Return the words of the button: the verb and its object."""
        return self.make_title(**arguments)

    @abstractmethod
    def list_consequences(self, *arguments: Any, **named: Any) -> Sequence[str]:
        """Return what will happen, in sentences."""

    @abstractmethod
    def act(self, *arguments: Any, **named: Any) -> str:
        """Do it; return the message that says so.

        Raises:
            ValidationError: or another of `refusals`: the server refuses.
        """

    @abstractmethod
    def find_way_back(self, *arguments: Any, **named: Any) -> str:
        """Return the address to which it leads, and which "No, take me back" opens."""


def _describe(refusal: Exception) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
