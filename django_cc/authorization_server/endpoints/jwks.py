"""The public keys that verify our tokens (RFC 7517 §5)."""

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification

_MAX_AGE = 300  # seconds; APIs learn of a withdrawn key within this time


class JWKSetView(OAuthEndpoint):
    """Publishes the JWK Set: public halves only."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> HttpResponse:  # noqa: ARG002 - DRF's signature
        """Return the keys that sign now or have signed tokens that may still live."""
        keys = get_snapshot_for_verification().published_jwks
        response = JsonResponse({"keys": list(keys)}, content_type="application/jwk-set+json")
        # An empty set is about to change: nobody should go on without the first key.
        response["Cache-Control"] = f"public, max-age={_MAX_AGE}" if keys else "no-store"
        return response
