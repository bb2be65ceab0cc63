"""Change how a client authenticates: now, or with an overlap like a rotation."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.console.clients.confirmation import AssentForm, ConfirmationPage
from django_cc.console.clients.credentials.form_page import FormPage
from django_cc.console.clients.credentials.overlap import OverlapForm
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.console.site.times import format_time
from django_cc.models import MachineClient

_Family = MachineClient.Authentication


class ChangeAuthenticationForm(OverlapForm):
    """Asks when the credentials that the client had stop working."""

    # As it was when the page was shown: not the other one of whatever it is by now.
    authentication = forms.ChoiceField(choices=_Family.choices, widget=forms.HiddenInput)


class EndpointAudienceForm(forms.Form):
    """Asks whether assertions may name the token endpoint."""

    accepts_endpoint_audience = forms.BooleanField(
        label=_("Accept the token endpoint as “aud”"),
        required=False,
        help_text=_(
            "For older client libraries. The issuer is right, and always accepted. Leave it off "
            "where you can."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ChangeAuthenticationPage(FormPage):
    """Has a client authenticate by the other family, and by the one it had for a while."""

    name = "change_authentication"
    route = "<int:pk>/authentication/"
    rights_to_post = (Right.ISSUE_CREDENTIAL, Right.REVOKE_CREDENTIAL)
    renamed: ClassVar[dict[str, str]] = {"previous_until": "ends_at"}

    def make_form(
        self, data: Any, *, client: MachineClient, **more: Any
    ) -> ChangeAuthenticationForm:
        """Return the form."""
        initial = {"authentication": find_other(client).value}
        what = {
            _Family.CLIENT_SECRET: gettext("Its secrets stop working"),
            _Family.PRIVATE_KEY_JWT: gettext("Its keys stop working"),
        }
        leaving = what[_Family(client.authentication)]
        return ChangeAuthenticationForm(data, what=leaving, initial=initial)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        if find_other(client) is _Family.PRIVATE_KEY_JWT:
            return gettext("Change to signed JWTs")
        return gettext("Change to client secrets")

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what is needed before, and what ends."""
        if find_other(client) is _Family.PRIVATE_KEY_JWT:
            return [
                gettext("First add a public key, or set the JWKS URL."),
                gettext("The client's secrets end when you say, and no later change revives them."),
            ]
        return [
            gettext("First create a secret."),
            gettext("The client's keys end when you say, and no later change revives them."),
        ]

    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Change it."""
        overlap = form.cleaned_data["overlap"]
        until = timezone.now() + overlap if overlap else None
        family = _Family(form.cleaned_data["authentication"])
        change_authentication(client, family, get_actor(request), previous_until=until)
        text = gettext("The client now authenticates by: %(family)s.") % {"family": family.label}
        return self.return_to(request, client, text, tab=self.returns_to)


class EndTransitionPage(ConfirmationPage):
    """Ends the family that a client had before its date."""

    name = "end_transition"
    route = "<int:pk>/authentication/end/"
    rights_to_post = (Right.ISSUE_CREDENTIAL, Right.REVOKE_CREDENTIAL)
    returns_to = "credentials"
    form = AssentForm

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("End the previous authentication now")

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what ends, and when it would have."""
        if client.previous_authentication_until is None:
            return [gettext("There is nothing to end: the client has one authentication.")]
        words = {
            "family": client.get_previous_authentication_display(),
            "time": format_time(client.previous_authentication_until),
        }
        return [
            gettext("%(family)s works until %(time)s. It ends now instead.") % words,
            gettext("Its credentials are revoked. It cannot be undone."),
        ]

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """End it."""
        change_authentication(client, _Family(client.authentication), get_actor(request))
        return gettext("The previous authentication has ended.")


class EndpointAudiencePage(FormPage):
    """Lets assertions of a client name the token endpoint as audience, or not."""

    name = "endpoint_audience"
    route = "<int:pk>/endpoint-audience/"
    rights_to_post = (Right.ISSUE_CREDENTIAL,)

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> EndpointAudienceForm:
        """Return the form with what is there."""
        there = {
            "accepts_endpoint_audience": client.accepts_endpoint_audience,
            "version": client.version,
        }
        return EndpointAudienceForm(data, initial=there)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Set the audience of assertions")

    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Set it."""
        wanted = form.cleaned_data
        changes = Changes(accepts_endpoint_audience=wanted["accepts_endpoint_audience"])
        update_client(client, changes, get_actor(request), expected_version=wanted["version"])
        return self.return_to(
            request, client, gettext("The audience of assertions is set."), tab=self.returns_to
        )


def find_other(client: MachineClient) -> MachineClient.Authentication:
    """Return the family that a client does not authenticate by."""
    return next(family for family in _Family if family != client.authentication)
