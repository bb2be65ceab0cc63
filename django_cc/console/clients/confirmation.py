"""A page that says what will happen to a machine client, and asks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.one_line import REASON_LENGTH
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.site.links import client_url
from django_cc.models import MachineClient


class ReasonForm(forms.Form):
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
        reason = " ".join(str(self.cleaned_data["reason"]).split())
        if not reason.isprintable():
            raise forms.ValidationError(gettext("Use printable characters."))
        return reason


class TypedForm(ReasonForm):
    """A reason, and something to type where there is no way back."""

    typed = forms.CharField(
        label="", widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
    )

    def __init__(self, *arguments: Any, expected: str, label: str, **options: Any) -> None:
        """Ask for `expected`, by a `label` that says what it is."""
        super().__init__(*arguments, **options)
        self.expected = expected
        self.fields["typed"].label = label
        self.fields["reason"].required = True
        self.order_fields(["typed", "reason"])

    def clean_typed(self) -> str:
        """Refuse anything else."""
        typed = str(self.cleaned_data["typed"])
        if typed != self.expected:
            problem = gettext("Type exactly: %(expected)s")
            raise forms.ValidationError(problem % {"expected": self.expected})
        return typed


class ConfirmationPage(ClientPage, ABC):
    """Shows what will happen and asks for a reason; the POST does it, through one function.

    A subclass says its title, the consequences and the button, and overrides `act`.

    Attributes:
        template: how it is shown.
        dangerous: whether its button is red.
        returns_to: the tab to which it leads, and which "No, take me back" opens.
    """

    template: ClassVar[str] = "django_cc/clients/confirmation.html"
    dangerous: ClassVar[bool] = True
    returns_to: ClassVar[str] = "change"

    def may_see(self, request: HttpRequest) -> bool:
        """Nobody is asked about what they may not do."""
        return super().may_see(request) and self.may_post(request)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask."""
        return self._ask(request, self.make_form(None, **arguments), **arguments)

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Do it, or ask again where the form is wrong; what the server refuses is a message."""
        form = self.make_form(request.POST, **arguments)
        if not form.is_valid():
            return self._ask(request, form, **arguments)
        client: MachineClient = arguments["client"]
        try:
            text = self.act(request, form, **arguments)
        except ValidationError as refusal:
            problem = " ".join(refusal.messages)
            return self.return_to(
                request, client, problem, tab=self.returns_to, level=messages.ERROR
            )
        return self.return_to(request, client, text, tab=self.returns_to)

    def make_form(self, data: Any, **_arguments: Any) -> ReasonForm:
        """Return the form that goes with the question."""
        return ReasonForm(data)

    @abstractmethod
    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title: the act and its object."""

    def make_button(self, **arguments: Any) -> str:
        """Return the words of the button: the verb and its object."""
        return self.make_title(**arguments)

    @abstractmethod
    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what will happen, in sentences."""

    @abstractmethod
    def act(
        self, request: HttpRequest, form: ReasonForm, *, client: MachineClient, **more: Any
    ) -> str:
        """Do it; return the message that says so.

        Raises:
            ValidationError: the server refuses.
        """

    def _ask(self, request: HttpRequest, form: ReasonForm, **arguments: Any) -> HttpResponse:
        client: MachineClient = arguments["client"]
        return self.render(
            request,
            self.template,
            self.make_title(**arguments),
            **arguments,
            form=form,
            consequences=self.list_consequences(**arguments),
            button=self.make_button(**arguments),
            dangerous=self.dangerous,
            back=client_url(request, self.returns_to, client.pk),
        )
