"""Create, rotate and change the secrets of a client; a new one is shown once."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django_cc.authorization_server.clients.secrets import (
    MADE_MEANWHILE,
    NewSecret,
    create_secret,
    rotate_secret,
    update_secret,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.console.clients.credentials.credential_page import CredentialPage
from django_cc.console.clients.credentials.credential_words import describe_last_use
from django_cc.console.clients.credentials.form_page import FormPage
from django_cc.console.clients.credentials.lifetimes import LifetimeField, find_end
from django_cc.console.clients.credentials.note_field import NoteField
from django_cc.console.clients.credentials.overlap import OverlapForm
from django_cc.console.clients.moments import MomentField
from django_cc.console.clients.show_once import render_new_secret
from django_cc.console.site.actors import get_actor
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right
from django_cc.console.site.secretless_form import SecretlessForm
from django_cc.console.site.times import format_time
from django_cc.models import ClientSecret, MachineClient


class OnceForm(forms.Form):
    """Has one submission make one secret: it says how many the client has had."""

    expected_secrets = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CreateSecretForm(SecretlessForm, OnceForm):
    """Asks for the end and the note of one more secret."""

    note = NoteField()
    secret_expires = LifetimeField()


class RotateSecretForm(OverlapForm, OnceForm):
    """Asks when the old secret stops working, and when the new one will."""

    secret_expires = LifetimeField(label=_("The new secret expires"))


class UpdateSecretForm(SecretlessForm):
    """Asks for another note or another end."""

    note = NoteField()
    expires_at = MomentField(label=_("Expires"), required=False)


class NewSecretPage(FormPage):
    """A page whose POST is answered with a new secret."""

    rights_to_post = (Right.ISSUE_CREDENTIAL,)
    renamed: ClassVar[dict[str, str]] = {"expires_at": "secret_expires"}

    @method_decorator(sensitive_variables())
    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Make the secret and show it, in the answer to the POST and nowhere else."""
        new, remark = self.make_secret(request, form.cleaned_data, client=client, **more)
        title = gettext("“%(name)s” has a new secret") % {"name": client.name}
        return render_new_secret(self, request, new, title, remark=remark)

    @abstractmethod
    def make_secret(
        self, request: HttpRequest, wanted: dict[str, Any], *, client: MachineClient, **more: Any
    ) -> tuple[NewSecret, str]:
        """Return the new secret, and what becomes of others.

        Raises:
            ValidationError: the server refuses; by field.
        """

    def refuse(
        self, request: HttpRequest, form: forms.Form, refusal: ValidationError, **arguments: Any
    ) -> HttpResponse:
        """Say what is wrong; of a form that was sent twice, that it made a secret already."""
        if getattr(refusal, "code", None) != MADE_MEANWHILE:
            return super().refuse(request, form, refusal, **arguments)
        client: MachineClient = arguments["client"]
        newest = client.secrets.order_by("created_at", "pk").last()
        return self.render(
            request,
            "django_cc/clients/made_meanwhile.html",
            gettext("No secret was created"),
            client=client,
            newest=newest,
            created_at=format_time(newest.created_at) if newest else "",
            back=client_url(request, self.returns_to, client.pk),
        )


class CreateSecretPage(NewSecretPage):
    """Gives a client one more secret."""

    name = "create_secret"
    route = "<int:pk>/secrets/create/"

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> CreateSecretForm:
        """Return the form."""
        return CreateSecretForm(data, initial=_count_secrets(client))

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Create a secret")

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what happens, and when it does not count."""
        facts = [gettext("Those that are there go on working. The next page shows the new one.")]
        if client.authentication != MachineClient.Authentication.CLIENT_SECRET:
            facts.append(
                gettext("The client signs JWTs: a secret counts if that is changed to secrets.")
            )
        return facts

    def make_secret(
        self, request: HttpRequest, wanted: dict[str, Any], *, client: MachineClient, **more: Any
    ) -> tuple[NewSecret, str]:
        """Create it."""
        new = create_secret(
            client,
            get_actor(request),
            expires_at=find_end(wanted["secret_expires"]),
            note=wanted["note"],
            expected_secrets=wanted["expected_secrets"],
        )
        return new, _describe_others(new)


class RotateSecretPage(CredentialPage, NewSecretPage):
    """Puts a new secret in the place of an old one, which works on for a while."""

    name = "rotate_secret"
    route = "<int:pk>/secrets/<int:number>/rotate/"
    credentials = "secrets"
    argument = "secret"

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> RotateSecretForm:
        """Return the form."""
        what = gettext("The old secret stops working")
        return RotateSecretForm(data, what=what, initial=_count_secrets(client))

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Rotate secret …%(end)s") % {"end": more["secret"].visible_end}

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return the last use, and what happens."""
        return [
            describe_last_use(more["secret"]),
            gettext("Both secrets work until the old one stops. The next page shows the new one."),
        ]

    def make_secret(
        self, request: HttpRequest, wanted: dict[str, Any], *, client: MachineClient, **more: Any
    ) -> tuple[NewSecret, str]:
        """Rotate it."""
        secret: ClientSecret = more["secret"]
        new = rotate_secret(
            secret,
            get_actor(request),
            overlap=wanted["overlap"],
            expires_at=find_end(wanted["secret_expires"]),
            expected_secrets=wanted["expected_secrets"],
        )
        secret.refresh_from_db()
        return new, _describe_end_of(secret)


class UpdateSecretPage(CredentialPage, FormPage):
    """Changes the note of a secret, or when it ends."""

    name = "update_secret"
    route = "<int:pk>/secrets/<int:number>/change/"
    credentials = "secrets"
    argument = "secret"
    rights_to_post = (Right.ISSUE_CREDENTIAL,)

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> UpdateSecretForm:
        """Return the form with what is there."""
        secret: ClientSecret = more["secret"]
        end = secret.expires_at
        # To the minute, as it is typed: an end that nobody touches stays as it is.
        shown = None if end is None else end.replace(second=0, microsecond=0)
        return UpdateSecretForm(data, initial={"note": secret.note, "expires_at": shown})

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Change secret …%(end)s") % {"end": more["secret"].visible_end}

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return how late its end may be."""
        longest = get_settings().secret_max_age
        if longest is None:
            return [gettext("It may end at any time to come, or never.")]
        latest = format_time(more["secret"].created_at + longest)
        return [
            gettext("It may end at any time to come, at the latest %(time)s.") % {"time": latest}
        ]

    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Change it."""
        secret: ClientSecret = more["secret"]
        wanted = form.cleaned_data
        end = wanted["expires_at"] if "expires_at" in form.changed_data else secret.expires_at
        update_secret(secret, get_actor(request), note=wanted["note"], expires_at=end)
        text = gettext("Secret …%(end)s is changed.") % {"end": secret.visible_end}
        return self.return_to(request, client, text, tab=self.returns_to)


def _count_secrets(client: MachineClient) -> dict[str, int]:
    return {"expected_secrets": client.secrets.count()}


def _describe_others(new: NewSecret) -> str:
    now = timezone.now()
    older = new.client.secrets.exclude(pk=new.row.pk).order_by("created_at", "pk")
    ends = [f"…{secret.visible_end}" for secret in older if secret.is_live(now)]
    if not ends:
        return ""
    text = ngettext(
        "Once the program uses the new one, revoke %(ends)s if nothing needs it any more.",
        "Once the program uses the new one, revoke those that nothing needs any more: %(ends)s.",
        len(ends),
    )
    return text % {"ends": ", ".join(ends)}


def _describe_end_of(secret: ClientSecret) -> str:
    if secret.revoked_at is not None or secret.expires_at is None:
        return gettext("The old secret …%(end)s has stopped working.") % {"end": secret.visible_end}
    words = {"end": secret.visible_end, "time": format_time(secret.expires_at)}
    return gettext("The old secret …%(end)s works until %(time)s.") % words
