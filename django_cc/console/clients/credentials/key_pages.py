"""Let a client authenticate by one more public key, or by those that it publishes."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.jwks_uri import (
    UnreadableJWKSetError,
    read_published_keys,
)
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.public_key_text import read_public_keys
from django_cc.console.clients.credentials.form_page import FormPage
from django_cc.console.clients.credentials.note_field import NoteField
from django_cc.console.clients.credentials.public_key_field import (
    PublicKeyField,
    RSAAlgorithmField,
)
from django_cc.console.clients.moments import MomentField
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.console.site.secretless_form import SecretlessForm
from django_cc.models import MachineClient
from django_cc.protocol.jose import JWK


class AddKeyForm(SecretlessForm):
    """Asks for one public key."""

    public_key = PublicKeyField()
    rsa_algorithm = RSAAlgorithmField()
    note = NoteField(help_text=_("Where is the private key kept? For example the path in a vault."))
    expires_at = MomentField(label=_("Expires"), required=False, help_text=_("Empty: never."))

    def clean(self) -> dict[str, Any]:
        """Read the key."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "public_key" not in cleaned:
            return cleaned
        try:
            jwks = read_public_keys(
                cleaned["public_key"], rsa_algorithm=cleaned.get("rsa_algorithm")
            )
            cleaned["jwk"] = _require_one(jwks)
        except ValidationError as error:
            self.add_error("public_key", error.message_dict["jwk"])
        return cleaned


class JWKSURLForm(forms.Form):
    """Asks where the client publishes its keys."""

    jwks_uri = forms.CharField(
        label=_("JWKS URL"),
        max_length=2000,
        widget=forms.URLInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=_("Where the program publishes its public keys: https."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    save_anyway = forms.BooleanField(
        label=_("Save anyway"), required=False, widget=forms.HiddenInput
    )


class AddKeyPage(FormPage):
    """Adds a public key; those that are there go on working."""

    name = "add_key"
    route = "<int:pk>/keys/add/"
    rights_to_post = (Right.ISSUE_CREDENTIAL,)
    renamed: ClassVar[dict[str, str]] = {"jwk": "public_key"}

    @method_decorator(sensitive_post_parameters("public_key"))
    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Add it; what was pasted by mistake is in no error report."""
        return super().post(request, **arguments)

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> AddKeyForm:
        """Return the form."""
        return AddKeyForm(data)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Add a public key")

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return when it counts."""
        return describe_when_keys_count(client)

    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Add it."""
        wanted = form.cleaned_data
        actor, end = get_actor(request), wanted["expires_at"]
        key = add_key(client, wanted["jwk"], actor, note=wanted["note"], expires_at=end)
        words = {"kid": key.kid, "algorithm": key.algorithm}
        text = gettext("Key %(kid)s (%(algorithm)s) is added.") % words
        return self.return_to(request, client, text, tab=self.returns_to)


class JWKSURLPage(FormPage):
    """Sets the URL at which a client publishes its keys."""

    name = "jwks_url"
    route = "<int:pk>/jwks-url/"
    rights_to_post = (Right.ISSUE_CREDENTIAL,)

    def to_url(self) -> URLPattern:
        """Return its entry; no transaction is open while the client's server is asked."""
        url = super().to_url()
        url.callback = non_atomic_requests(url.callback)
        return url

    def make_form(self, data: Any, *, client: MachineClient, **more: Any) -> JWKSURLForm:
        """Return the form with the URL that is there."""
        there = {"jwks_uri": client.jwks_uri, "version": client.version}
        return JWKSURLForm(data, initial=there)

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Set the JWKS URL")

    def list_facts(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return when the keys there count, and which come first."""
        first = gettext("The keys there count beside those that are registered one by one.")
        return [first, *describe_when_keys_count(client)]

    def act(
        self, request: HttpRequest, form: Any, *, client: MachineClient, **more: Any
    ) -> HttpResponse:
        """Read it once, and set it."""
        wanted = form.cleaned_data
        found = None if wanted["save_anyway"] else len(read_published_keys(wanted["jwks_uri"]))
        changes = Changes(jwks_uri=wanted["jwks_uri"])
        update_client(client, changes, get_actor(request), expected_version=wanted["version"])
        return self.return_to(request, client, _describe_set(found), tab=self.returns_to)

    def refuse(
        self, request: HttpRequest, form: forms.Form, refusal: ValidationError, **arguments: Any
    ) -> HttpResponse:
        """Say what is wrong; a URL that cannot be read now may be kept all the same."""
        if isinstance(refusal, UnreadableJWKSetError):
            form.fields["save_anyway"].widget = forms.CheckboxInput()
        return super().refuse(request, form, refusal, **arguments)


def describe_when_keys_count(client: MachineClient) -> list[str]:
    """Return what to do besides, where the client uses secrets."""
    if client.authentication == MachineClient.Authentication.PRIVATE_KEY_JWT:
        return []
    return [gettext("The client uses secrets: keys count if that is changed to signed JWTs.")]


def _require_one(jwks: list[JWK]) -> JWK:
    if len(jwks) != 1:
        problem = ngettext(
            "It holds %(count)d key: paste one.", "It holds %(count)d keys: paste one.", len(jwks)
        )
        raise ValidationError({"jwk": problem % {"count": len(jwks)}})
    return jwks[0]


def _describe_set(found: int | None) -> str:
    if found is None:
        return gettext("The JWKS URL is set. It was not read.")
    return ngettext(
        "The JWKS URL is set: %(count)d key can be used.",
        "The JWKS URL is set: %(count)d keys can be used.",
        found,
    ) % {"count": found}
