"""Revoke all tokens of a machine client, or delete it, after a page that says what happens."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.state import revoke_tokens
from django_cc.console.clients.confirmation import ConfirmationPage, TypedForm
from django_cc.console.clients.live_use import describe_use_now
from django_cc.console.clients.token_end import describe_end_of
from django_cc.console.site.actors import get_actor
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient


class RevokeTokensPage(ConfirmationPage):
    """Kills every token that a client has."""

    name = "revoke_tokens"
    route = "<int:pk>/revoke-tokens/"
    rights_to_post = (Right.REVOKE_TOKENS,)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Revoke all tokens of “%(name)s”") % {"name": client.name}

    def make_button(self, **arguments: Any) -> str:
        """Return the words of the button."""
        return gettext("Revoke all tokens")

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return how much it is used, what stops, how soon, and what does not."""
        return [
            describe_use_now(client, now=timezone.now()),
            *describe_end_of(client),
            gettext("It may get new tokens at once with the credentials it has."),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Revoke them."""
        revoke_tokens(client, get_actor(request), reason=form.cleaned_data["reason"])
        return gettext("All tokens of “%(name)s” are revoked.") % {"name": client.name}


class DeletePage(ConfirmationPage):
    """Removes a disabled client for good, in the place of the admin's own page."""

    name = "delete"
    route = "<int:pk>/delete/"
    rights_to_post = (Right.DELETE_CLIENT,)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask, where the client is disabled."""
        client: MachineClient = arguments["client"]
        if client.is_enabled:
            problem = gettext("Disable the client first: deleting cannot be undone.")
            return self.return_to(request, client, problem, level=messages.ERROR)
        return super().get(request, **arguments)

    def make_form(self, data: Any, **arguments: Any) -> forms.Form:
        """Ask for its name."""
        client: MachineClient = arguments["client"]
        label = gettext("Type its name, “%(name)s”") % {"name": client.name}
        return TypedForm(data, expected=client.name, label=label)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Delete “%(name)s”") % {"name": client.name}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return how much it was used, what goes, and what stays."""
        return [
            describe_use_now(client, now=timezone.now()),
            gettext("Its client ID, its credentials and its API access are removed for good."),
            gettext("The audit trail keeps its name and client ID."),
            gettext("This cannot be undone."),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Delete it."""
        delete_client(client, get_actor(request), reason=form.cleaned_data["reason"])
        return gettext("“%(name)s” is deleted.") % {"name": client.name}

    def leave(
        self, request: HttpRequest, text: str, *, level: int, **arguments: Any
    ) -> HttpResponse:
        """Go to the list from a client that is gone."""
        if level != messages.SUCCESS:
            return super().leave(request, text, level=level, **arguments)
        messages.add_message(request, level, text)
        return HttpResponseRedirect(client_url(request, "changelist"))
