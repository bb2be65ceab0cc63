"""Find out where an issuer's keys and its introspection endpoint are (RFC 8414 §3)."""

from datetime import timedelta
from ipaddress import ip_network

from django_cc.protocol.issuer_metadata import IssuerMetadata, UnusableMetadata, metadata_url
from django_cc.remote.bounded_work import Slots
from django_cc.remote.https import FetchPolicy, fetch_json
from django_cc.remote.json_response import FetchedDocument
from django_cc.remote.unavailable import DocumentUnavailable
from django_cc.resource_server.verification.issuer_settings import IssuerSettings

# Whoever runs this project named the issuer, which may well be at an address of its own network.
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_TIMEOUT = timedelta(seconds=2)
# Of their own: what strangers' servers hold up elsewhere does not hold up these.
_slots = Slots(8)


def make_fetch_policy(issuer: str) -> FetchPolicy:
    """Return how the documents of `issuer` may be fetched: over TLS, unless it is on loopback."""
    return FetchPolicy(
        timeout=_TIMEOUT,
        allowed_networks=_ANYWHERE,
        plain_http=issuer.startswith("http://"),
    )


def fetch_jwk_set(settings: IssuerSettings) -> FetchedDocument:
    """Return the JWK Set of an issuer, wherever its metadata says that it is just now.

    Raises:
        DocumentUnavailable: it cannot be had, or the metadata cannot.
    """
    uri = settings.jwks_uri or fetch_metadata(settings.issuer).jwks_uri
    if uri is None:
        raise DocumentUnavailable('its metadata has no jwks_uri: set "jwks_uri"')
    return fetch_json(uri, make_fetch_policy(settings.issuer), slots=_slots)


def fetch_introspection_endpoint(issuer: str) -> str:
    """Return the URL of the introspection endpoint that the metadata of `issuer` names.

    Raises:
        DocumentUnavailable: the metadata cannot be had, or names none.
    """
    found = fetch_metadata(issuer).introspection_endpoint
    if found is None:
        problem = 'its metadata has no introspection_endpoint: set "introspection_endpoint"'
        raise DocumentUnavailable(problem)
    return found


def fetch_metadata(issuer: str) -> IssuerMetadata:
    """Return what an issuer says of itself.

    Raises:
        DocumentUnavailable: the document cannot be had, or is another issuer's.
    """
    document = fetch_json(metadata_url(issuer), make_fetch_policy(issuer), slots=_slots)
    try:
        return IssuerMetadata.from_document(document.content, issuer=issuer)
    except UnusableMetadata as error:
        raise DocumentUnavailable(str(error)) from None
