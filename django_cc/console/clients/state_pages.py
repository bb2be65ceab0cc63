"""Disable and enable a machine client, after a page that says what will happen."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.clients.state import disable_client, enable_client
from django_cc.console.clients.confirmation import ConfirmationPage
from django_cc.console.clients.live_use import describe_use_now
from django_cc.console.clients.token_end import describe_end_of
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient


class DisablePage(ConfirmationPage):
    """Stops a client."""

    name = "disable"
    route = "<int:pk>/disable/"
    rights_to_post = (Right.DISABLE_CLIENT,)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Disable “%(name)s”") % {"name": client.name}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what stops, how soon, and what can be undone."""
        return [
            describe_use_now(client, now=timezone.now()),
            gettext("New token requests are refused."),
            *describe_end_of(client),
            gettext(
                "You can enable it again; its secrets then work as before, its old tokens do not."
            ),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Disable it."""
        disable_client(client, get_actor(request), reason=form.cleaned_data["reason"])
        return gettext("“%(name)s” is disabled.") % {"name": client.name}


class EnablePage(ConfirmationPage):
    """Lets a client get tokens again."""

    name = "enable"
    route = "<int:pk>/enable/"
    rights_to_post = (Right.DISABLE_CLIENT,)
    dangerous = False

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Enable “%(name)s”") % {"name": client.name}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what works again and what does not."""
        return [
            gettext("The client gets tokens again with the secrets it has."),
            gettext("Tokens from before it was disabled stay dead."),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Enable it."""
        enable_client(client, get_actor(request), reason=form.cleaned_data["reason"])
        return gettext("“%(name)s” is enabled.") % {"name": client.name}
