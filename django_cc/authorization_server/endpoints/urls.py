"""The routes of the authorization server, to be mounted at the root."""

from collections.abc import Callable

from django.db import connections, transaction
from django.http import HttpResponseBase
from django.urls import path

from django_cc.authorization_server.endpoints.endpoint import OAuthEndpoint
from django_cc.authorization_server.endpoints.introspection import IntrospectionView
from django_cc.authorization_server.endpoints.jwks import JWKSetView
from django_cc.authorization_server.endpoints.metadata import MetadataView
from django_cc.authorization_server.endpoints.own_client import OwnClientView
from django_cc.authorization_server.endpoints.protected_resource import ProtectedResourceView
from django_cc.authorization_server.endpoints.revocation import RevocationView
from django_cc.authorization_server.endpoints.token import TokenView
from django_cc.protocol.metadata import PROTECTED_RESOURCE_WELL_KNOWN, WELL_KNOWN


def _route(endpoint: type[OAuthEndpoint]) -> Callable[..., HttpResponseBase]:
    # A refusal must not roll back what it recorded, whatever any database's ATOMIC_REQUESTS says.
    view: Callable[..., HttpResponseBase] = endpoint.as_view()
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


urlpatterns = [
    path("oauth/token", _route(TokenView), name="token"),
    path("oauth/client", _route(OwnClientView), name="own_client"),
    path("oauth/introspect", _route(IntrospectionView), name="introspection"),
    path("oauth/revoke", _route(RevocationView), name="revocation"),
    path("oauth/jwks", _route(JWKSetView), name="jwks"),
    path(WELL_KNOWN, _route(MetadataView), name="metadata"),
    path(f"{WELL_KNOWN}<path:issuer_path>", _route(MetadataView), name="metadata_of_issuer"),
    path(
        PROTECTED_RESOURCE_WELL_KNOWN,
        _route(ProtectedResourceView),
        name="protected_resource_metadata",
    ),
    path(
        f"{PROTECTED_RESOURCE_WELL_KNOWN}<path:resource_path>",
        _route(ProtectedResourceView),
        name="metadata_of_protected_resource",
    ),
]
