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
    FoundRefusal,
    FoundSecret,
    FoundToken,
    SecretState,
)
from django_cc.authorization_server.identification.identifying import Sight, identify
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.tokens.token_in_hand import TokenInHand
from django_cc.console.clients.try_forms import UnrepeatedTextarea
from django_cc.console.clients.try_tab import list_claims
from django_cc.console.site.actors import get_actor
from django_cc.console.site.links import client_url
from django_cc.console.site.pages import ConsolePage
from django_cc.console.site.rights import Right, may
from django_cc.protocol.secret_text import SecretText

_LONGEST = 16_000
_REVOKE_SECRET = "revoke_secret"  # noqa: S105 - a page's name


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
            "An access token, a client secret, or the reference at the end of an error. Nothing "
            "of it is stored or logged."
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
            return {"secret": finding, "revoke_url": self._find_revoke_url(request, finding)}
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
        if isinstance(finding, FoundRefusal):
            return {"refusal": finding}
        return {"nothing": finding}

    def _find_revoke_url(self, request: HttpRequest, finding: FoundSecret) -> str:
        acts = {act.name: act for act in self.model_admin.acts}
        act = acts.get(_REVOKE_SECRET)
        is_offered = act is not None and act.may_see(request) and act.may_post(request)
        if finding.state is not SecretState.LIVE or not is_offered:
            return ""
        return client_url(request, _REVOKE_SECRET, finding.client.pk, finding.secret.pk)


def _make_proof(found: FoundToken) -> str:
    client_id, expiry = str(found.claims["client_id"]), int(found.claims["exp"])
    expires_at = datetime.fromtimestamp(expiry, UTC)
    return TokenInHand(found.token_id, client_id, expires_at).make_proof()
