"""A page below a machine client that asks with a form and does one thing."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.refusals import add_refusal
from django_cc.console.site.links import client_url
from django_cc.models import MachineClient


class FormPage(ClientPage, ABC):
    """Shows a form; a good POST does what it says, through one function of the server.

    What the server refuses is shown at its field, with everything that was typed.

    Attributes:
        template: how it is shown.
        returns_to: the tab from which it is reached.
        renamed: the form's name of a field that the service calls otherwise.
    """

    template: ClassVar[str] = "django_cc/clients/form_page.html"
    returns_to: ClassVar[str] = "credentials"
    renamed: ClassVar[dict[str, str]] = {}

    def may_see(self, request: HttpRequest) -> bool:
        """Nobody is asked about what they may not do."""
        return super().may_see(request) and self.may_post(request)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask."""
        return self.ask(request, self.make_form(None, **arguments), **arguments)

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Do it, or ask again."""
        form = self.make_form(request.POST, **arguments)
        if form.is_valid():
            try:
                return self.act(request, form, **arguments)
            except ValidationError as refusal:
                return self.refuse(request, form, refusal, **arguments)
        return self.ask(request, form, **arguments)

    def refuse(
        self,
        request: HttpRequest,
        form: forms.Form,
        refusal: ValidationError,
        **arguments: Any,
    ) -> HttpResponse:
        """Say what the server refuses, where it belongs."""
        add_refusal(form, refusal, renamed=self.renamed)
        return self.ask(request, form, **arguments)

    @abstractmethod
    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> forms.Form:
        """Return the form, filled with `data` or empty."""

    @abstractmethod
    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title, which the button repeats: the act and its object."""

    @abstractmethod
    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Do it and answer.

        Raises:
            ValidationError: the server refuses; by field.
        """

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what there is to know before, in sentences."""
        return []

    def ask(self, request: HttpRequest, form: forms.Form, **arguments: Any) -> HttpResponse:
        """Show the form."""
        client: MachineClient = arguments["client"]
        title = self.make_title(**arguments)
        return self.render(
            request,
            self.template,
            title,
            **arguments,
            form=form,
            facts=self.list_facts(**arguments),
            button=title,
            back=client_url(request, self.returns_to, client.pk),
        )
