"""The public keys that verify our tokens (RFC 7517 §5)."""

from django.http import HttpResponse
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.signing_keys.jwk_set import write_jwk_set
from django_cc.authorization_server.signing_keys.schedule import JWK_SET_MAX_AGE
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.resource_server.published_document import answer_published

_MEDIA_TYPE = "application/jwk-set+json"  # RFC 7517 §8.5.2


class JWKSetView(OAuthEndpoint):
    """Publishes the JWK Set: public halves only."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> HttpResponse:
        """Return the keys that sign now, soon, or have signed tokens that may still live.

        Who has them already is told so: 304 (RFC 9110 §13.1.2).
        """
        snapshot = get_snapshot_for_verification()
        body = write_jwk_set(snapshot)
        if not snapshot.published_jwks:
            # An empty set is about to change: nobody should go on without the first key.
            response = HttpResponse(body, content_type=_MEDIA_TYPE)
            response["Cache-Control"] = "no-store"
            return response
        return answer_published(
            request._request, body, max_age=JWK_SET_MAX_AGE, media_type=_MEDIA_TYPE
        )
