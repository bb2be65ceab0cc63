"""What the APIs of a project that only checks tokens tell about themselves (RFC 9728 §3)."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from django_cc.protocol.metadata import ProtectedResource
from django_cc.resource_server.metadata import answer_protected_resource_metadata
from django_cc.resource_server.settings import get_settings


@require_safe
def protected_resource_metadata(request: HttpRequest, resource_path: str = "") -> HttpResponse:
    """Return the document of one API: which servers issue tokens for it.

    Its scopes are known to those servers alone, and are left out.

    Raises:
        Http404: no API of this host has the identifier that is asked about.
    """
    return answer_protected_resource_metadata(request, resource_path, _list_resources())


def _list_resources() -> Iterator[ProtectedResource]:
    issuers = get_settings().trusted_issuers
    for audience in sorted({name for one in issuers for name in one.audience}):
        yield ProtectedResource(
            audience, [one.issuer for one in issuers if audience in one.audience]
        )
