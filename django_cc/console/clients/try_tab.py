"""The tab of a machine client that previews a token, and sends a test request."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from django_cc.authorization_server.clients.status import (
    list_usable_credentials,
    publishes_usable_keys,
)
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.token_trial import Origin, Sender, Trial, try_token_request
from django_cc.authorization_server.tokens.claim_origins import explain_claim
from django_cc.authorization_server.tokens.left_out import list_left_out
from django_cc.authorization_server.tokens.preview import (
    PreviewedRefusal,
    TokenPreview,
    preview_token,
)
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.try_forms import RequestForm, TrialForm
from django_cc.console.site.actors import get_actor
from django_cc.console.site.rights import Right, find_sight
from django_cc.models import MachineClient


class TryTab(Tab):
    """Shows by GET what a token would say, and asks for a real one by POST."""

    name = "try"
    route = "<int:pk>/try/"
    rights_to_post = (Right.TEST_REQUEST,)
    title = _("Try it")
    template = "django_cc/clients/try.html"

    def to_url(self) -> URLPattern:
        """Keep the project's transaction for a request away.

        What a token request records stays, whatever becomes of the page, as at the endpoint.
        """
        for alias in connections:
            transaction.non_atomic_requests(using=alias)(self)
        return super().to_url()

    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Preview what a request would get."""
        client: MachineClient = arguments["client"]
        form = RequestForm(request.GET, client=client)
        data = form.cleaned_data if form.is_valid() else {}
        preview = None
        if form.is_valid():
            preview = preview_token(
                client.client_id, scope=data["scope"], resource=data["api"], now=timezone.now()
            )
        return self._show(request, client, form, data, preview=preview)

    @method_decorator(sensitive_post_parameters())
    @method_decorator(sensitive_variables())
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Send a test request, and show the answer to it here alone."""
        client: MachineClient = arguments["client"]
        form = TrialForm(request.POST, client=client)
        if not form.is_valid():
            return self._show(request, client, RequestForm({}, client=client), {}, trial_form=form)
        data = form.cleaned_data
        try:
            trial = _send(request, client, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self._show(request, client, RequestForm({}, client=client), {}, trial_form=form)
        return self._show(request, client, RequestForm({}, client=client), data, trial=trial)

    @method_decorator(sensitive_variables())
    def _show(
        self,
        request: HttpRequest,
        client: MachineClient,
        form: RequestForm,
        data: Mapping[str, Any],
        **context: Any,
    ) -> HttpResponse:
        asked = {name: data.get(name, "") for name in ("api", "scope")}
        trial_form = context.pop("trial_form", None) or TrialForm(client=client, initial=asked)
        response = self.show(
            request,
            client,
            form=form,
            trial_form=trial_form,
            asked=asked,
            may_test=self.may_post(request),
            has_credential=_has_credential(client),
            **_describe(client, asked["scope"], context.get("preview")),
            **_describe_trial(context.get("trial")),
        )
        response["Cache-Control"] = "no-store, private"
        # No stricter: a form on a page without referrer posts `Origin: null`, which CSRF refuses.
        response["Referrer-Policy"] = "same-origin"
        return response.render()


def _has_credential(client: MachineClient) -> bool:
    now = timezone.now()
    return publishes_usable_keys(client, now=now) or bool(list_usable_credentials(client, now=now))


@sensitive_variables()
def _send(request: HttpRequest, client: MachineClient, form: TrialForm) -> Trial:
    return try_token_request(
        client,
        form.read_credential(),
        Sender(get_actor(request), find_sight(request.user)),
        origin=Origin(
            request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        ),
        scope=form.cleaned_data["scope"],
        resource=form.cleaned_data["api"],
    )


def _describe(
    client: MachineClient, asked: str, preview: TokenPreview | PreviewedRefusal | None
) -> dict[str, Any]:
    if preview is None:
        return {}
    left_out = list_left_out(client, asked, preview)
    if isinstance(preview, PreviewedRefusal):
        explanation = explain_refusal(preview.reason)
        return {"refusal": preview, "explanation": explanation, "left_out": left_out}
    return {
        "preview": preview,
        "left_out": left_out,
        "header_json": _to_json(preview.header),
        "claims_json": _to_json(preview.claims),
        "claims": list_claims(preview.claims),
    }


@sensitive_variables()
def _describe_trial(trial: Trial | None) -> dict[str, Any]:
    if trial is None:
        return {}
    return {
        "trial": trial,
        "token": trial.token.reveal() if trial.token else "",
        "milliseconds": f"{trial.took.total_seconds() * 1000:.1f}",
        "headers_text": "\n".join(f"{name}: {value}" for name, value in trial.headers.items()),
        "body_json": _to_json({"access_token": "…", **trial.body} if trial.token else trial.body),
        "trial_claims_json": _to_json(trial.claims) if trial.claims else "",
    }


def list_claims(claims: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, value and origin of each claim, for a table."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value), explain_claim(name))
        for name, value in claims.items()
    ]


def _to_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
