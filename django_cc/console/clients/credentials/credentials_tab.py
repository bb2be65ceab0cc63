"""The tab of a client's credentials: secrets, public keys, and how it authenticates."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.clients.status import counts_now
from django_cc.authorization_server.succession import find_successions
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.credentials.authentication_pages import ChangeAuthenticationPage
from django_cc.console.clients.credentials.credential_rows import (
    Action,
    CredentialRow,
    describe_move,
    list_actions,
    make_row,
)
from django_cc.console.clients.credentials.credential_words import describe_use
from django_cc.console.clients.missing_right import explain_missing
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right, may
from django_cc.console.site.times import format_distance, format_time
from django_cc.models import MachineClient

_Family = MachineClient.Authentication


class CredentialsTab(Tab):
    """Shows by what a client proves who it is, and what is known of its use."""

    name = "credentials"
    route = "<int:pk>/credentials/"
    title = _("Credentials")
    template = "django_cc/clients/credentials.html"

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show it."""
        client: MachineClient = arguments["client"]
        now = timezone.now()
        return self.show(
            request,
            client,
            **self._list_secrets(request, client, now=now),
            keys=_list_keys(request, client, now=now),
            published=_describe_published(client, now=now),
            authentication=client.get_authentication_display(),
            previous=_describe_previous(client, now=now),
            secrets_count=counts_now(client, _Family.CLIENT_SECRET, now=now),
            keys_count=counts_now(client, _Family.PRIVATE_KEY_JWT, now=now),
            acts=self._list_acts(request, client, now=now),
            check_url=client_url(request, "check_jwks_url", client.pk),
            lacks_right=explain_missing(request.user, Right.ISSUE_CREDENTIAL, client),
        )

    def _list_secrets(
        self, request: HttpRequest, client: MachineClient, *, now: datetime
    ) -> dict[str, Any]:
        secrets = sorted(client.secrets.all(), key=lambda one: one.created_at, reverse=True)
        successions = find_successions(secrets, now=now)
        replaced = {one.old.pk for one in successions}
        pages = {
            "rotate_secret": (gettext("Rotate"), Right.ISSUE_CREDENTIAL),
            "update_secret": (gettext("Change"), Right.ISSUE_CREDENTIAL),
            "revoke_secret": (gettext("Revoke"), Right.REVOKE_CREDENTIAL),
        }
        rows = [
            make_row(
                one, list_actions(request, one, pages), is_replaced=one.pk in replaced, now=now
            )
            for one in secrets
        ]
        live = [row for row in rows if row.credential.is_live(now)]
        return {
            "secrets": live,
            "may_rotate": bool(live) and may(request.user, Right.ISSUE_CREDENTIAL),
            "past_secrets": [row for row in rows if not row.credential.is_live(now)],
            "evidence": [describe_move(request, one, now=now) for one in successions],
            "as_of": format_time(now),
        }

    def _list_acts(
        self, request: HttpRequest, client: MachineClient, *, now: datetime
    ) -> dict[str, list[Action]]:
        """Return the buttons of each part of the page, as far as this user may press them."""
        acts = {act.name: act for act in self.model_admin.acts}
        is_moving = bool(client.previous_authentication) and _is_ahead(client, now)
        change = ChangeAuthenticationPage(self.model_admin).make_title(client=client)
        offered = {
            "secrets": {"create_secret": gettext("Create a secret")},
            "keys": {
                "add_key": gettext("Add a public key"),
                "jwks_url": gettext("Set the JWKS URL"),
                **({"check_jwks_url": gettext("Read the JWKS URL now")} if client.jwks_uri else {}),
                **({"remove_jwks_url": gettext("Remove the JWKS URL")} if client.jwks_uri else {}),
            },
            "authentication": {
                "change_authentication": change,
                **({"end_transition": gettext("End the previous one now")} if is_moving else {}),
                "endpoint_audience": gettext("Set the audience of assertions"),
            },
        }
        return {
            part: [
                Action(title, client_url(request, name, client.pk))
                for name, title in pages.items()
                if acts[name].may_post(request)
            ]
            for part, pages in offered.items()
        }


def _list_keys(
    request: HttpRequest, client: MachineClient, *, now: datetime
) -> dict[str, list[CredentialRow]]:
    pages = {"remove_key": (gettext("Remove"), Right.REVOKE_CREDENTIAL)}
    keys = sorted(client.keys.all(), key=lambda one: one.created_at, reverse=True)
    rows = [
        make_row(key, list_actions(request, key, pages), is_replaced=False, now=now) for key in keys
    ]
    return {
        "live": [row for row in rows if row.credential.is_live(now)],
        "past": [row for row in rows if not row.credential.is_live(now)],
    }


def _describe_published(client: MachineClient, *, now: datetime) -> str:
    if not client.jwks_uri:
        return ""
    use = describe_use(client.published_key_used_at, client.published_key_used_address)
    return f"{_describe_fetch(client, now=now)} {use}"


def _describe_fetch(client: MachineClient, *, now: datetime) -> str:
    last = client_key_sets.get_last_fetch(client.jwks_uri)
    if last is None:
        return gettext("Not read by this process yet.")
    words = {"time": format_distance(last.at, now=now), "problem": last.problem, "keys": last.keys}
    if last.problem:
        return gettext("Could not be read %(time)s: %(problem)s.") % words
    read = ngettext(
        "Read %(time)s: %(keys)d usable key.", "Read %(time)s: %(keys)d usable keys.", last.keys
    )
    return read % words


def _describe_previous(client: MachineClient, *, now: datetime) -> str:
    until = client.previous_authentication_until
    if until is None or until <= now:
        return ""
    words = {
        "family": client.get_previous_authentication_display(),
        "time": format_time(until),
    }
    return gettext("%(family)s works until %(time)s.") % words


def _is_ahead(client: MachineClient, now: datetime) -> bool:
    until = client.previous_authentication_until
    return until is not None and until > now
