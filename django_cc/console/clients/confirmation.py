"""A page that says what will happen to a machine client, and asks."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest

from django_cc.console.clients.client_page import ClientPage
from django_cc.console.site.confirmation import AssentForm, Question, ReasonForm, TypedForm
from django_cc.console.site.links import client_url
from django_cc.models import MachineClient

__all__ = ["AssentForm", "ConfirmationPage", "ReasonForm", "TypedForm"]


class ConfirmationPage(Question, ClientPage):
    """Shows what will happen and asks for a reason; the POST does it, through one function.

    A subclass says its title, the consequences and the button, and overrides `act`.

    Attributes:
        returns_to: the tab to which it leads, and which "No, take me back" opens.
    """

    returns_to: ClassVar[str] = "change"

    @abstractmethod
    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title: the act and its object."""

    @abstractmethod
    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what will happen, in sentences."""

    @abstractmethod
    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Do it; return the message that says so.

        Raises:
            ValidationError: the server refuses.
        """

    def find_way_back(self, request: HttpRequest, *, client: MachineClient, **_more: Any) -> str:
        """Return the address of the tab."""
        return client_url(request, self.returns_to, client.pk)
