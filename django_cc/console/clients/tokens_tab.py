"""The tab of a machine client that tells of its tokens, and kills one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_cc.authorization_server.clients.versions import find_last_token_revocation
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.tokens.last_end import find_last_end
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.authorization_server.tokens.token_in_hand import TokenInHand
from django_cc.authorization_server.usage.figures import HourOfUsage, read_usage
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.confirmation import ReasonForm
from django_cc.console.clients.offers import find_offer
from django_cc.console.clients.try_forms import UnrepeatedTextarea
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right
from django_cc.models import API, MachineClient
from django_cc.protocol.secret_text import SecretText

_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
_REVOKE_ALL = "revoke_tokens"
_LONGEST_TOKEN = 16_000


@dataclass(frozen=True, slots=True)
class IssuedForAPI:
    """How many tokens were issued for one API."""

    api: str
    in_24_hours: int
    in_30_days: int


class RevokeTokenForm(ReasonForm):
    """Asks for a token, which is never shown again; Identify hands over a proof that it saw one."""

    token = forms.CharField(
        label=_("Token"),
        required=False,
        max_length=_LONGEST_TOKEN,
        widget=UnrepeatedTextarea(
            attrs={
                "rows": 3,
                "dir": "ltr",
                "autocomplete": "off",
                "spellcheck": "false",
                "translate": "no",
                "data-private": True,
            }
        ),
        help_text=_("The whole token. It is neither stored nor logged."),
    )
    proof = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("token", "reason")

    def find_token(self, client: MachineClient) -> TokenInHand:
        """Return the token of `client` that is meant.

        Raises:
            ValidationError: there is none, or it is another client's.
        """
        proof = self.cleaned_data["proof"]
        if proof:
            found = TokenInHand.read_proof(proof)
        else:
            text = SecretText(self.cleaned_data["token"].strip())
            found = TokenInHand.read(text, now=timezone.now())
        found.require_of(client)
        return found


class TokensTab(Tab):
    """Says how many were issued and until when they run; signed tokens are not recorded."""

    name = "tokens"
    route = "<int:pk>/tokens/"
    rights_to_post = (Right.REVOKE_TOKENS,)
    title = _("Tokens")
    template = "django_cc/clients/tokens.html"

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Show the figures."""
        return self._show(request, arguments["client"], RevokeTokenForm())

    @method_decorator(sensitive_post_parameters("token"))
    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Revoke one token."""
        client: MachineClient = arguments["client"]
        form = RevokeTokenForm(request.POST)
        if not form.is_valid():
            return self._show(request, client, form)
        try:
            found = form.find_token(client)
            is_new = revoke_token(
                found.token_id,
                get_actor(request),
                expires_at=found.expires_at,
                client=client,
                reason=form.cleaned_data["reason"],
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)  # by field, where it names one
            return self._show(request, client, form)
        done = gettext("The token is revoked."), gettext("The token was revoked already.")
        return self.return_to(request, client, done[0] if is_new else done[1], tab=self.name)

    def _show(
        self, request: HttpRequest, client: MachineClient, form: RevokeTokenForm
    ) -> HttpResponse:
        now = timezone.now()
        usage = read_usage(client, since=now - _MONTH, until=now)
        return self.show(
            request,
            client,
            issued=_count_by_api(usage.hours, now=now),
            runs_until=find_last_end(client, usage, now=now),
            all_revoked=find_last_token_revocation(client),
            seconds=int(get_settings().propagation_seconds.total_seconds()),
            form=form,
            may_revoke=self.may_post(request),
            revoke_all_url=find_offer(self.model_admin, request, _REVOKE_ALL, client.pk),
        )


def _count_by_api(hours: Sequence[HourOfUsage], *, now: datetime) -> list[IssuedForAPI]:
    month: Counter[str] = Counter()
    day: Counter[str] = Counter()
    for hour in hours:
        month.update(hour.issued)
        if hour.hour > now - _DAY - _HOUR:
            day.update(hour.issued)
    names = dict(API.objects.filter(identifier__in=month).values_list("identifier", "name"))
    return [
        IssuedForAPI(names.get(api, api), day[api], count) for api, count in sorted(month.items())
    ]
