"""Revoke a secret, remove a key, or forget the URL of keys, after a page that says what happens."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.keys import revoke_key
from django_cc.authorization_server.clients.secrets import revoke_secret
from django_cc.authorization_server.clients.status import (
    list_usable_credentials,
    list_usable_secrets,
    publishes_usable_keys,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import find_token_lifetime_of
from django_cc.authorization_server.tokens.last_end import find_last_end
from django_cc.authorization_server.usage.figures import read_usage
from django_cc.console.clients.confirmation import AssentForm, ConfirmationPage
from django_cc.console.clients.credentials.credential_page import CredentialPage
from django_cc.console.clients.credentials.credential_words import Credential, describe_last_use
from django_cc.console.clients.live_use import describe_tokens
from django_cc.console.clients.offers import find_offer
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.console.site.times import format_time
from django_cc.models import MachineClient
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME

_RECENT = timedelta(days=1)
_HOUR = timedelta(hours=1)  # figures are counted by the hour in which they began


class RevokeSecretPage(CredentialPage, ConfirmationPage):
    """Ends a secret for good."""

    name = "revoke_secret"
    route = "<int:pk>/secrets/<int:number>/revoke/"
    credentials = "secrets"
    argument = "secret"
    rights_to_post = (Right.REVOKE_CREDENTIAL,)
    returns_to = "credentials"

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Revoke secret …%(end)s") % {"end": more["secret"].visible_end}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what ends, how soon, and what is known of its use."""
        return list_warnings(client, more["secret"])

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Revoke it."""
        secret = more["secret"]
        revoke_secret(secret, get_actor(request), reason=form.cleaned_data["reason"])
        revoked = gettext("Secret …%(end)s is revoked.") % {"end": secret.visible_end}
        links = [self._link_to_tokens(request, client)]
        if not [one for one in list_usable_secrets(client, now=timezone.now()) if one != secret]:
            links.append(self._link_to_new_secret(request, client))
        return _join(revoked, describe_tokens_left(client), *links)

    def _link_to_tokens(self, request: HttpRequest, client: MachineClient) -> str:
        now = timezone.now()
        usage = read_usage(client, since=now - LONGEST_TOKEN_LIFETIME - _HOUR, until=now)
        if not client.is_enabled or find_last_end(client, usage, now=now) is None:
            return ""
        url = find_offer(self.model_admin, request, "revoke_tokens", client.pk)
        return _link(url, gettext("Revoke all tokens"))

    def _link_to_new_secret(self, request: HttpRequest, client: MachineClient) -> str:
        if client.authentication != MachineClient.Authentication.CLIENT_SECRET:
            return ""
        url = find_offer(self.model_admin, request, "create_secret", client.pk)
        return _link(url, gettext("Create a secret"))


class RemoveKeyPage(CredentialPage, ConfirmationPage):
    """Ends a public key for good."""

    name = "remove_key"
    route = "<int:pk>/keys/<int:number>/remove/"
    credentials = "keys"
    argument = "key"
    rights_to_post = (Right.REVOKE_CREDENTIAL,)
    returns_to = "credentials"

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Remove key %(kid)s") % {"kid": more["key"].kid}

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what ends, how soon, and what is known of its use."""
        return list_warnings(client, more["key"])

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Remove it."""
        key = more["key"]
        revoke_key(key, get_actor(request), reason=form.cleaned_data["reason"])
        removed = gettext("Key %(kid)s is removed.") % {"kid": key.kid}
        return f"{removed} {describe_tokens_left(client)}"


class RemoveJWKSURLPage(ConfirmationPage):
    """Forgets the URL at which a client publishes keys."""

    name = "remove_jwks_url"
    route = "<int:pk>/jwks-url/remove/"
    rights_to_post = (Right.REVOKE_CREDENTIAL,)
    returns_to = "credentials"
    form = AssentForm

    def make_title(self, *, client: MachineClient, **more: Any) -> str:
        """Return the title."""
        return gettext("Remove the JWKS URL")

    def list_consequences(self, *, client: MachineClient, **more: Any) -> Sequence[str]:
        """Return what counts no more."""
        now = timezone.now()
        consequences = [
            gettext("Keys that are published at %(url)s verify nothing more.")
            % {"url": client.jwks_uri},
            _describe_soon(),
        ]
        if publishes_usable_keys(client, now=now) and not list_usable_credentials(client, now=now):
            consequences.append(_describe_last())
        return consequences

    def act(
        self, request: HttpRequest, form: forms.Form, *, client: MachineClient, **more: Any
    ) -> str:
        """Forget it."""
        update_client(client, Changes(jwks_uri=""), get_actor(request))
        return gettext("The JWKS URL is removed.")


def _link(url: str, title: str) -> str:
    return format_html('<a href="{}">{}</a>', url, title) if url else ""


def _join(*words: str) -> SafeString:
    return format_html_join(" ", "{}", [(word,) for word in words if word])


def list_warnings(client: MachineClient, credential: Credential) -> list[str]:
    """Return what happens when a credential ends now, the gravest last."""
    now = timezone.now()
    warnings = [_describe_soon(), describe_last_use(credential), describe_tokens(client, now=now)]
    used_at = credential.last_used_at
    if used_at is not None and now - used_at < _RECENT:
        warnings.append(gettext("Something still uses it, and will fail."))
    others = [one for one in list_usable_credentials(client, now=now) if one != credential]
    is_usable = credential in list_usable_credentials(client, now=now)
    if is_usable and not others and not publishes_usable_keys(client, now=now):
        warnings.append(_describe_last())
    minutes = ceil(find_token_lifetime_of(client) / timedelta(minutes=1))
    end = ngettext(
        "It cannot be undone. Tokens that were got with it live on until they expire, %(minutes)d "
        "minute at the latest.",
        "It cannot be undone. Tokens that were got with it live on until they expire, %(minutes)d "
        "minutes at the latest.",
        minutes,
    )
    return [*warnings, end % {"minutes": minutes}]


def describe_tokens_left(client: MachineClient) -> str:
    """Return how long what was got with a credential lives on that has just ended."""
    last_issued = timezone.now() + get_settings().propagation_seconds
    words = {"time": format_time(last_issued + find_token_lifetime_of(client))}
    return gettext("Tokens that were got with it run until %(time)s at the latest.") % words


def _describe_soon() -> str:
    seconds = int(get_settings().propagation_seconds.total_seconds())
    return ngettext(
        "Token requests with it are refused within %(seconds)d second.",
        "Token requests with it are refused within %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


def _describe_last() -> str:
    return gettext("This is the only usable credential. The client will not be able to get tokens.")
