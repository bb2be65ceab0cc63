"""Which views of the toolkit the project's URLconf mounts, and where; for the system checks."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import (
    ConnectDiscoveryInfoView,
    OAuthProtectedResourceMetadataView,
    OAuthServerMetadataView,
)

_VIEWS = "oauth2_provider.views"
_WELL_KNOWN = ".well-known"


@dataclass(frozen=True, slots=True)
class MountedView:
    """A view of the toolkit's, or derived from one, and its route from the root of the host."""

    view: type
    route: str


def find_toolkit_views() -> list[MountedView]:
    """Return what the URLconf mounts of the toolkit, in the order in which it is tried."""
    return list(_walk(get_resolver().url_patterns, ""))


def find_issuer_paths() -> set[str]:
    """Return the path of each issuer for which the toolkit serves metadata here; `""` for none.

    Without `OIDC_ISS_ENDPOINT` the toolkit takes itself for the issuer that stands before
    `/.well-known/` in the URL of the request. OpenID Connect counts where it is switched on.
    """
    documents: tuple[type, ...] = (OAuthServerMetadataView,)
    if oauth2_settings.OIDC_ENABLED:
        documents += (ConnectDiscoveryInfoView,)
    return {
        f"/{mounted.route.partition(_WELL_KNOWN)[0]}".rstrip("/")
        for mounted in find_toolkit_views()
        if issubclass(mounted.view, documents) and _WELL_KNOWN in mounted.route
    }


def find_hidden_documents() -> list[str]:
    """Return the paths of the toolkit's metadata documents that other URLs stand before."""
    documents = (OAuthServerMetadataView, OAuthProtectedResourceMetadataView)
    return [
        f"/{mounted.route}"
        for mounted in find_toolkit_views()
        if issubclass(mounted.view, documents)
        and "<" not in mounted.route
        and not is_served_by_toolkit(f"/{mounted.route}")
    ]


def is_served_by_toolkit(path: str) -> bool:
    """Tell whether a view of the toolkit's answers at `path`, which is without a script prefix."""
    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return False
    return isinstance(view, type) and _is_of_toolkit(view)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[MountedView]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").replace("\\", "")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
            continue
        view = getattr(pattern.callback, "view_class", None)
        if isinstance(view, type) and _is_of_toolkit(view):
            yield MountedView(view, route)


def _is_of_toolkit(view: type) -> bool:
    return any(kind.__module__.startswith(_VIEWS) for kind in view.__mro__)
