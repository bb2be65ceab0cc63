"""Read the URL at which a client publishes its keys, and say what is there."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext

from django_cc.authorization_server.clients.jwks_uri import read_published_keys
from django_cc.console.clients.client_page import ClientPage
from django_cc.console.site.rights import Right


class CheckJWKSURLPage(ClientPage):
    """Answers a POST of the tab with what can be read there now; nothing is kept."""

    name = "check_jwks_url"
    route = "<int:pk>/jwks-url/check/"
    rights_to_post = (Right.ISSUE_CREDENTIAL,)

    def to_url(self) -> URLPattern:
        """Return its entry; no transaction is open while the client's server is asked."""
        url = super().to_url()
        url.callback = non_atomic_requests(url.callback)
        return url

    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        """Read it once."""
        client = arguments["client"]
        if not client.jwks_uri:
            text = gettext("The client has no JWKS URL.")
            return self.return_to(request, client, text, tab="credentials", level=messages.ERROR)
        try:
            keys = read_published_keys(client.jwks_uri)
        except ValidationError as error:
            problem = " ".join(error.messages)
            return self.return_to(request, client, problem, tab="credentials", level=messages.ERROR)
        listed = ", ".join(f"{kid} ({algorithm})" for kid, algorithm in keys.items())
        text = gettext("Usable keys there now: %(keys)s.") % {"keys": listed}
        return self.return_to(request, client, text, tab="credentials")
