"""The page about a client that was registered without a secret for its registrant to see."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.credentials import (
    RequestForToken,
    describe_key_credentials,
    describe_request,
)
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.next_steps import list_next_steps
from django_cc.console.clients.snippets import (
    API_ADDRESS,
    Snippet,
    make_data_link,
    make_snippets,
    render_plain,
)
from django_cc.models import MachineClient
from django_cc.protocol.names import SigningAlgorithm

_SNIPPETS = {
    "signed_curl": (_("curl, with an assertion that another tool has signed"), "call_curl"),
    "signed_pyjwt": (_("Python: requests and PyJWT"), "call_requests"),
    "signed_authlib": (_("Python: Authlib, renews by itself"), "call_authlib"),
    "signed_node": (_("Node: jose"), "call_node"),
}
_KEY_CLASSES = {"ES": "ECKey", "RS": "RSAKey", "PS": "RSAKey", "Ed": "OKPKey"}  # of joserfc


@dataclass(frozen=True, slots=True)
class SignedRequests:
    """How a client that signs JWTs gets a token; nothing in it is secret."""

    client: MachineClient
    credentials: dict[str, Any]
    asked: RequestForToken

    @property
    def algorithm(self) -> str:
        """That of its first key, or the one to choose where it has none here."""
        key = self.client.keys.filter(revoked_at=None).order_by("pk").first()
        return key.algorithm if key else SigningAlgorithm.ES256.value

    @property
    def json_file_name(self) -> str:
        """The name of the credentials file."""
        return f"{slugify(self.client.name) or 'client'}-credentials.json"

    def json_link(self) -> str:
        """Return the credentials file as a link."""
        return make_data_link("application/json", json.dumps(self.credentials, indent=2))

    def env_link(self) -> str:
        """Return the .env file as a link."""
        return make_data_link("text/plain", self.env_text())

    def env_text(self) -> str:
        """Return the lines of an .env file."""
        kids = self.credentials["kids"]
        words = {"credentials": self.credentials, "kid": kids[0] if kids else ""}
        return render_plain("signed_env", words)

    def snippets(self) -> list[Snippet]:
        """Return the environment, and code that reads it."""
        words = {"algorithm": self.algorithm, "key_class": _KEY_CLASSES[self.algorithm[:2]]}
        code = make_snippets(_SNIPPETS, self.asked, **words)
        return [Snippet("env", ".env", self.env_text()), *code]


def render_registered(
    page: ClientPage, request: HttpRequest, client: MachineClient
) -> HttpResponse:
    """Answer the registration of a client that has keys, or gets its credentials later."""
    signs = client.authentication == MachineClient.Authentication.PRIVATE_KEY_JWT
    return page.render(
        request,
        "django_cc/clients/registered.html",
        gettext("“%(name)s” is registered") % {"name": client.name},
        client=client,
        signed=_describe_signed(client) if signs else None,
        api_address=API_ADDRESS,
        has_keys=bool(client.jwks_uri) or client.keys.exists(),
        next_steps=list_next_steps(page, request, client),
    )


def _describe_signed(client: MachineClient) -> SignedRequests:
    return SignedRequests(client, describe_key_credentials(client), describe_request(client))
