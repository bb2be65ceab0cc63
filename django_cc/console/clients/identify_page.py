"""Identify: whose a pasted secret or token is, and why a request was refused."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_cc.authorization_server.identification.findings import (
    Finding,
    FoundDiscarded,
    FoundRefusal,
    FoundSecret,
    FoundToken,
    SecretState,
)
from django_cc.authorization_server.identification.identifying import identify
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.tokens.token_in_hand import TokenInHand
from django_cc.console.clients.offers import find_offer
from django_cc.console.clients.try_forms import UnrepeatedTextarea
from django_cc.console.clients.try_tab import list_claims
from django_cc.console.site.actors import get_actor
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.rights import Right, may
from django_cc.console.site.times import format_time
from django_cc.models import MachineClient
from django_cc.protocol.secret_text import SecretText

_LONGEST = 64 * 1024  # characters, as of the command
_REVOKE_SECRET = "revoke_secret"  # noqa: S105 - a page's name
_DISABLE = "disable"


class IdentifyForm(forms.Form):
    """Asks for the text, which is never shown again."""

    text = forms.CharField(
        label=_("Token, client secret or reference"),
        max_length=_LONGEST,
        widget=UnrepeatedTextarea(
            attrs={
                "rows": 4,
                "autocomplete": "off",
                "spellcheck": "false",
                "dir": "ltr",
                "translate": "no",
                "data-private": True,
            }
        ),
        help_text=_(
            "An access token, a client secret, or the reference at the end of an error. You may "
            "paste the whole message or file. Nothing of it is stored or logged."
        ),
    )


class IdentifyPage(ConsolePage):
    """Answers a pasted text in the answer to the POST itself, and nowhere else."""

    name = "identify"
    route = "identify/"
    rights = (Right.VIEW_CLIENT,)

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Ask for the text."""
        return self._show(request, IdentifyForm())

    @method_decorator(sensitive_post_parameters())
    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Say what it is."""
        form = IdentifyForm(request.POST)
        if not form.is_valid():
            return self._show(request, form)
        sight = Sight(
            self.model_admin.get_queryset(request),
            everything=may(request.user, Right.ACCESS_ALL_CLIENTS),
        )
        text = SecretText(form.cleaned_data["text"])
        finding = identify(text, sight, get_actor(request), now=timezone.now())
        return self._show(request, IdentifyForm(), finding=finding, **self._tell(request, finding))

    def _show(self, request: HttpRequest, form: IdentifyForm, **context: Any) -> HttpResponse:
        response = self.render(
            request, "django_cc/clients/identify.html", gettext("Identify"), form=form, **context
        )
        response["Cache-Control"] = "no-store, private"
        # No stricter: a form on a page without referrer posts `Origin: null`, which CSRF refuses.
        response["Referrer-Policy"] = "same-origin"
        return response.render()

    def _tell(self, request: HttpRequest, finding: Finding) -> dict[str, Any]:
        if isinstance(finding, FoundSecret):
            return self._tell_secret(request, finding)
        if isinstance(finding, FoundToken):
            return {
                "token": finding,
                "claims": list_claims(finding.claims),
                "proof": _make_proof(finding),
                "explanation": explain_refusal(finding.obstacle) if finding.obstacle else "",
                "may_revoke_token": finding.client is not None
                and finding.obstacle is None
                and may(request.user, Right.REVOKE_TOKENS),
            }
        if isinstance(finding, FoundDiscarded):
            return {"discarded": finding, "discarded_at": format_time(finding.discarded_at)}
        if isinstance(finding, FoundRefusal):
            return {"refusal": finding}
        return {"nothing": finding}

    def _tell_secret(self, request: HttpRequest, finding: FoundSecret) -> dict[str, Any]:
        client, secret = finding.client, finding.secret
        is_live = finding.state is SecretState.LIVE
        revoke = find_offer(self.model_admin, request, _REVOKE_SECRET, client.pk, secret.pk)
        disable = find_offer(self.model_admin, request, _DISABLE, client.pk)
        return {
            "secret": finding,
            "whose": _describe_owner(client),
            "revoke_url": revoke if is_live else "",
            "disable_url": disable if client.is_enabled else "",
        }


def _describe_owner(client: MachineClient) -> str:
    words = {
        "owner": client.owner.get_username() if client.owner else "",
        "group": client.owning_group.name if client.owning_group else "",
    }
    if all(words.values()):
        return gettext("owner: %(owner)s, group %(group)s") % words
    if words["owner"]:
        return gettext("owner: %(owner)s") % words
    return gettext("group %(group)s") % words if words["group"] else gettext("no owner")


def _make_proof(found: FoundToken) -> str:
    client_id, expiry = str(found.claims["client_id"]), int(found.claims["exp"])
    expires_at = datetime.fromtimestamp(expiry, UTC)
    return TokenInHand(found.token_id, client_id, expires_at).make_proof()
