"""The public keys that verify our tokens (RFC 7517 §5)."""

import hashlib

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.signing_keys.jwk_set import write_jwk_set
from django_cc.authorization_server.signing_keys.schedule import JWK_SET_MAX_AGE
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification

_MEDIA_TYPE = "application/jwk-set+json"  # RFC 7517 §8.5.2
_CACHE_CONTROL = f"public, max-age={int(JWK_SET_MAX_AGE.total_seconds())}"


class JWKSetView(OAuthEndpoint):
    """Publishes the JWK Set: public halves only."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> HttpResponse:
        """Return the keys that sign now, soon, or have signed tokens that may still live.

        Who has them already is told so: 304 (RFC 9110 §13.1.2).
        """
        snapshot = get_snapshot_for_verification()
        body = write_jwk_set(snapshot)
        response = HttpResponse(body, content_type=_MEDIA_TYPE)
        if not snapshot.published_jwks:
            # An empty set is about to change: nobody should go on without the first key.
            response["Cache-Control"] = "no-store"
            return response
        response["Cache-Control"] = _CACHE_CONTROL
        response["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
        return _answer_condition(request, response)


def _answer_condition(request: Request, response: HttpResponse) -> HttpResponse:
    plain = request._request
    # RFC 9110 §13.1.4: "MUST ignore" it without a modification date. Django would answer 412.
    plain.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    answer = get_conditional_response(plain, etag=response["ETag"], response=response)
    return response if answer is None else answer
