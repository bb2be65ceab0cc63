"""The revocation endpoint (RFC 7009)."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.client_authentication import authenticate
from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.endpoints.errors import forbid_caching
from django_cc.authorization_server.endpoints.form_body import read_form
from django_cc.authorization_server.recording import record_use
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.authorization_server.tokens.own_revocation import revoke_own_token
from django_cc.protocol.token_parameter import read_token_parameter


class RevocationView(OAuthEndpoint):
    """Lets a client kill a token of its own."""

    http_method_names = ["post"]
    records_refusals = True

    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> HttpResponse:
        """Answer 200 without a body, whether or not there was anything to revoke (§2.2)."""
        plain: HttpRequest = request._request
        form = read_form(plain)
        snapshot, now = get_snapshot_for_issuing(), datetime.now(UTC)
        authorization, address = plain.META.get("HTTP_AUTHORIZATION"), find_client_address(plain)
        authenticated = authenticate(authorization, form, snapshot, address=address, now=now)
        record_use(authenticated, address=address, now=now)
        client = authenticated.client
        token = read_token_parameter(form, client_id=client.client_id)
        revoke_own_token(token, client, snapshot, address=address, now=now)
        return forbid_caching(HttpResponse(content_type="text/plain"))
