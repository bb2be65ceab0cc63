"""What the APIs of this project tell about themselves (RFC 9728 §3)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.http import HttpResponse
from rest_framework.request import Request

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.protocol.built_in_api import BuiltInScope
from django_cc.protocol.metadata import ProtectedResource
from django_cc.resource_server.metadata import answer_protected_resource_metadata


class ProtectedResourceView(OAuthEndpoint):
    """Tells a client which server issues tokens for an API, and for which scopes."""

    http_method_names = ["get", "head"]

    def get(self, request: Request, resource_path: str = "") -> HttpResponse:
        """Return the document of one API: one of this host's, or this server itself.

        Raises:
            Http404: no API here has the identifier that is asked about.
        """
        return answer_protected_resource_metadata(
            request._request,
            resource_path,
            _list_resources(),
            # Behind a proxy, the Host header may be a name that nobody outside knows.
            more_hosts=[urlsplit(get_settings().issuer).netloc],
        )


def _list_resources() -> Iterator[ProtectedResource]:
    snapshot, issuer = get_snapshot_for_verification(), get_settings().issuer
    yield ProtectedResource(issuer, [issuer], {*BuiltInScope}, snapshot.api_names.get(issuer))
    for identifier, scopes in snapshot.scopes_by_api.items():
        name = snapshot.api_names[identifier]
        yield ProtectedResource(identifier, [issuer], scopes, name)
