"""Take away all that a machine client holds at one API, after a page that says what happens."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.clients.access import revoke_access
from django_cc.console.clients.access.held import describe_removals
from django_cc.console.clients.confirmation import AssentForm, ConfirmationPage
from django_cc.console.clients.token_end import describe_end_of
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.models import MachineClient, Scope


class RemoveAccessPage(ConfirmationPage):
    """Asks, and takes the scopes of the API `api_pk`."""

    name = "remove_access"
    route = "<int:pk>/access/<int:api_pk>/remove/"
    rights_to_post = (Right.GRANT_ACCESS,)
    returns_to = "access"
    form = AssentForm

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        held = _list_held(client, more["api_pk"])
        if not held:
            return gettext("Remove access to an API")
        return gettext("Remove access to “%(api)s”") % {"api": held[0].api.name}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what is taken, and that every token dies."""
        return [
            *describe_removals(client, _list_held(client, more["api_pk"]), now=timezone.now()),
            gettext("Every token of this client dies; it gets new ones for what is left."),
            *describe_end_of(client),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Take them."""
        taken = revoke_access(client, _list_held(client, more["api_pk"]), get_actor(request))
        if not taken:
            raise ValidationError(gettext("The client holds nothing at this API any more."))
        return gettext("“%(name)s” has no access to “%(api)s” any more.") % {
            "name": client.name,
            "api": taken[0].api.name,
        }


def _list_held(client: MachineClient, api_pk: int) -> list[Scope]:
    rows = client.access.all()
    return sorted(
        (row.scope for row in rows if row.scope.api_id == api_pk), key=lambda scope: scope.name
    )
