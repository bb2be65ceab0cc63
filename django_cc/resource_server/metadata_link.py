"""Find the URL under which an API tells about itself, for its challenges (RFC 9728 §5.1)."""

from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import Resolver404, get_script_prefix, resolve

from django_cc.protocol.metadata import protected_resource_metadata_url

# By name, because each role has a view of its own for it.
_ROUTES = frozenset({"protected_resource_metadata", "metadata_of_protected_resource"})


def find_metadata_url(request: HttpRequest, api: str | None) -> str | None:
    """Return the URL of the metadata of an API, or None where this project serves none for it.

    The identifier of an API may be a mere name. So a client is sent there only if the API is being
    called at the very host that its identifier names, and the route is mounted.
    """
    url = protected_resource_metadata_url(api) if api else None
    if url is None or not _is_of_this_host(url, request):
        return None
    return url if _is_mounted(urlsplit(url).path) else None


def _is_of_this_host(url: str, request: HttpRequest) -> bool:
    try:
        return request.get_host().lower() == urlsplit(url).netloc.lower()
    except DisallowedHost:
        return False


def _is_mounted(path: str) -> bool:
    # Where the project lives under a prefix, the root of the host is not its own.
    if get_script_prefix() != "/":
        return False
    try:
        return resolve(path).url_name in _ROUTES
    except Resolver404:
        return False
