"""The introspection endpoint (RFC 7662)."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.endpoints.errors import answer_json
from django_cc.authorization_server.endpoints.form_body import read_form
from django_cc.authorization_server.recording import record_use
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.authorization_server.tokens.caller import authenticate_caller
from django_cc.authorization_server.tokens.introspection import introspect
from django_cc.protocol.token_parameter import read_token_parameter


class IntrospectionView(OAuthEndpoint):
    """Tells a client about its own tokens, and about those of APIs it may introspect for."""

    http_method_names = ["post"]
    records_refusals = True

    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> HttpResponse:
        """Answer one question about a token; refusals of the caller are raised.

        As with issuing, the database may be away for `PROPAGATION_SECONDS` at the most.
        """
        plain: HttpRequest = request._request
        form = read_form(plain)
        snapshot, now = get_snapshot_for_issuing(), datetime.now(UTC)
        authorization, address = plain.META.get("HTTP_AUTHORIZATION"), find_client_address(plain)
        caller = authenticate_caller(authorization, form, snapshot, address=address, now=now)
        if caller.authenticated is not None:
            record_use(caller.authenticated, address=address, now=now)
        token = read_token_parameter(form, client_id=caller.client.client_id)
        return answer_json(introspect(token, caller.client, snapshot, now=now))
