"""The authorization server's metadata (RFC 8414 §3)."""

import json
from urllib.parse import unquote

from django.http import Http404, HttpResponse
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.protocol.built_in_api import BuiltInScope
from django_cc.protocol.metadata import WELL_KNOWN, ServerMetadata, well_known_path
from django_cc.resource_server.metadata import METADATA_MAX_AGE
from django_cc.resource_server.published_document import answer_published


class MetadataView(OAuthEndpoint):
    """Tells client libraries where everything is."""

    http_method_names = ["get", "head"]

    def get(self, request: Request, issuer_path: str = "") -> HttpResponse:
        """Return the document of our one issuer.

        Raises:
            Http404: the path asks for another issuer's.
        """
        issuer = get_settings().issuer
        if unquote(well_known_path(issuer)) != f"/{WELL_KNOWN}{issuer_path}":
            raise Http404
        metadata = ServerMetadata(
            issuer=issuer,
            token_endpoint=endpoint_url("token"),
            revocation_endpoint=endpoint_url("revocation"),
            introspection_endpoint=endpoint_url("introspection"),
            jwks_uri=endpoint_url("jwks"),
            scopes=_list_scopes(),
        )
        body = json.dumps(metadata.to_json()).encode()
        return answer_published(request._request, body, max_age=METADATA_MAX_AGE)


def _list_scopes() -> list[str]:
    by_api = get_snapshot_for_verification().scopes_by_api
    return sorted({*BuiltInScope}.union(*by_api.values()))
