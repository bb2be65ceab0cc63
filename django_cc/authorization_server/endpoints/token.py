"""The token endpoint (RFC 6749 §3.2)."""

from datetime import UTC, datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request

from django_cc.authorization_server.client_address import find_client_address
from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.endpoints.errors import answer_json
from django_cc.authorization_server.endpoints.form_body import read_form
from django_cc.authorization_server.recording import record_issued
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.authorization_server.tokens.extra_claims import find_extra_claims
from django_cc.authorization_server.tokens.issuing import issue_token


class TokenView(OAuthEndpoint):
    """Exchanges client credentials for an access token."""

    http_method_names = ["post"]
    records_refusals = True

    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> HttpResponse:
        """Answer one token request; refusals are raised."""
        plain: HttpRequest = request._request
        form = read_form(plain)
        authorization, now = plain.META.get("HTTP_AUTHORIZATION"), datetime.now(UTC)
        address = find_client_address(plain)
        snapshot = get_snapshot_for_issuing()
        issued = issue_token(
            authorization,
            form,
            snapshot,
            address=address,
            find_extra_claims=partial(find_extra_claims, request=plain),
            now=now,
        )
        record_issued(issued, address=address, now=now)
        return answer_json(issued.response.to_json())
