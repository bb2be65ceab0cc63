"""The page that shows a new client secret: the one answer it is ever part of."""

import json
import shlex
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.credentials import (
    Credentials,
    describe_credentials,
    describe_request,
    describe_start,
)
from django_cc.authorization_server.clients.secrets import NewSecret
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.handout import Handout
from django_cc.console.clients.next_steps import list_next_steps
from django_cc.console.clients.snippets import API_ADDRESS, Snippet, make_snippets
from django_cc.protocol.secret_text import SecretText

_SNIPPETS = {
    "curl": (_("curl"), "call_curl"),
    "requests": (_("Python: requests"), "call_requests"),
    "authlib": (_("Python: Authlib, renews by itself"), "call_authlib"),
    "node": (_("Node"), "call_node"),
}


@dataclass(frozen=True, slots=True)
class ShowOncePage(Handout):
    """How a client that sends a secret gets a token."""

    credentials: Credentials

    def list_environment(self) -> dict[str, str | SecretText]:
        """Return what the code reads from the environment, the secret too."""
        return {
            "CC_TOKEN_URL": self.credentials.token_url,
            "CC_CLIENT_ID": self.credentials.client_id,
            "CC_CLIENT_SECRET": self.credentials.client_secret,
        }

    def to_json(self) -> dict[str, str | None]:
        """Return what is in the credentials file."""
        return self.credentials.to_json()

    def snippets(self) -> list[Snippet]:
        """Return code for the tools people use, what is inserted quoted as each needs it."""
        url = self.credentials.token_url
        quoted = {"token_url": json.dumps(url), "shell_token_url": shlex.quote(url)}
        return list(make_snippets(_SNIPPETS, self.asked, **quoted))


def render_new_secret(
    console_page: ClientPage,
    request: HttpRequest,
    new: NewSecret,
    title: str,
    *,
    remark: str = "",
) -> HttpResponse:
    """Answer with the secret; no cache keeps the answer and no link tells where it was.

    Call it under `sensitive_variables`, so that no error report has the secret.

    Args:
        console_page: the page that answers.
        request: a POST.
        new: what to show.
        title: of the page.
        remark: what becomes of the secret that it replaces.
    """
    response = console_page.render(
        request,
        "django_cc/clients/show_once.html",
        title,
        page=ShowOncePage(new.client, describe_request(new.client), describe_credentials(new)),
        api_address=API_ADDRESS,
        remark=remark,
        start=describe_start(),
        next_steps=list_next_steps(console_page, request, new.client),
    )
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    return response.render()
