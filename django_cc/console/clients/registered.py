"""The page about a client that was registered without a secret for its registrant to see."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.credentials import (
    describe_key_credentials,
    describe_request,
)
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.clients.handout import Handout
from django_cc.console.clients.next_steps import list_next_steps
from django_cc.console.clients.snippets import API_ADDRESS, Snippet, make_snippets
from django_cc.models import MachineClient
from django_cc.protocol.names import SigningAlgorithm
from django_cc.protocol.secret_text import SecretText

_SNIPPETS = {
    "signed_pyjwt": (_("Python: requests and PyJWT"), "call_requests"),
    "signed_authlib": (_("Python: Authlib, renews by itself"), "call_authlib"),
    "signed_node": (_("Node: jose"), "call_node"),
    "signed_curl": (_("curl, with an assertion that another tool has signed"), "call_curl"),
}
_KEY_CLASSES = {"ES": "ECKey", "RS": "RSAKey", "PS": "RSAKey", "Ed": "OKPKey"}  # of joserfc


@dataclass(frozen=True, slots=True)
class SignedRequests(Handout):
    """How a client that signs JWTs gets a token; nothing in it is secret."""

    credentials: dict[str, Any]

    @property
    def algorithm(self) -> str:
        """That of its first key, or the one to choose where it has none here."""
        key = self.client.keys.filter(revoked_at=None).order_by("pk").first()
        return key.algorithm if key else SigningAlgorithm.ES256.value

    def list_environment(self) -> dict[str, str | SecretText]:
        """Return what the code reads from the environment."""
        kids = self.credentials["kids"]
        return {
            "CC_TOKEN_URL": self.credentials["token_url"],
            "CC_ISSUER": self.credentials["issuer"],
            "CC_CLIENT_ID": self.credentials["client_id"],
            "CC_KEY_ID": kids[0] if kids else "",
            "CC_PRIVATE_KEY_FILE": "private.pem",
        }

    def to_json(self) -> dict[str, Any]:
        """Return what is in the credentials file."""
        return self.credentials

    def snippets(self) -> list[Snippet]:
        """Return code that reads the environment."""
        words = {"algorithm": self.algorithm, "key_class": _KEY_CLASSES[self.algorithm[:2]]}
        return list(make_snippets(_SNIPPETS, self.asked, **words))


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
    return SignedRequests(client, describe_request(client), describe_key_credentials(client))
