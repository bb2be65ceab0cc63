"""Disable and enable a machine client, after a page that says what will happen."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from django_cc.authorization_server.clients.state import disable_client, enable_client
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import find_token_lifetime_of
from django_cc.console.clients.confirmation import ConfirmationPage, ReasonForm
from django_cc.console.clients.live_use import describe_use_now
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
            describe_end_here(),
            describe_end_elsewhere(client),
            gettext("You can enable it again; its secrets then work as before."),
        ]

    def act(
        self, request: HttpRequest, form: ReasonForm, *, client: MachineClient, **more: Any
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

    def make_form(self, data: Any, **_arguments: Any) -> ReasonForm:
        """Ask for no reason."""
        form = ReasonForm({} if data is not None else None)
        del form.fields["reason"]
        return form

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what works again and what does not."""
        return [
            gettext("The client gets tokens again with the secrets it has."),
            gettext("Tokens from before it was disabled stay dead."),
        ]

    def act(
        self,
        request: HttpRequest,
        form: ReasonForm,
        *,
        client: MachineClient,
        **more: Any,
    ) -> str:
        """Enable it."""
        enable_client(client, get_actor(request))
        return gettext("“%(name)s” is enabled.") % {"name": client.name}


def describe_end_here() -> str:
    """Return how soon the tokens of a killed generation stop in this project."""
    seconds = int(get_settings().propagation_seconds.total_seconds())
    return ngettext(
        "Its tokens stop here within %(seconds)d second, for good: enabling revives none of them.",
        "Its tokens stop here within %(seconds)d seconds, for good: enabling revives none of them.",
        seconds,
    ) % {"seconds": seconds}


def describe_end_elsewhere(client: MachineClient) -> str:
    """Return how long APIs that check offline go on accepting its tokens."""
    minutes = ceil(find_token_lifetime_of(client) / timedelta(minutes=1))
    return ngettext(
        "APIs that check tokens offline accept them until they expire, %(minutes)d minute at the "
        "latest.",
        "APIs that check tokens offline accept them until they expire, %(minutes)d minutes at the "
        "latest.",
        minutes,
    ) % {"minutes": minutes}
