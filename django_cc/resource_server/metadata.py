"""Answer what an API tells about itself (RFC 9728 §3)."""

import json
from collections.abc import Iterable
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse

from django_cc.protocol.metadata import ProtectedResource, find_protected_resource
from django_cc.resource_server.published_document import answer_published

METADATA_MAX_AGE = timedelta(minutes=5)


def answer_protected_resource_metadata(
    request: HttpRequest,
    resource_path: str,
    resources: Iterable[ProtectedResource],
    *,
    more_hosts: Iterable[str] = (),
) -> HttpResponse:
    """Return the metadata document of the API that the request asks about.

    Args:
        request: for the host and the query, which may be a part of an API's identifier.
        resource_path: what the path has behind the well-known part, decoded.
        resources: the APIs of this project.
        more_hosts: names of this host, with ports, beside the one the request was sent to.

    Raises:
        Http404: none of them is meant, or it lives at another host.
    """
    query = request.META.get("QUERY_STRING", "")
    suffix = f"{resource_path}?{query}" if query else resource_path
    hosts = (request.get_host(), *more_hosts)
    found = find_protected_resource(resources, suffix, hosts=hosts)
    if found is None:
        raise Http404
    body = json.dumps(found.to_json()).encode()
    return answer_published(request, body, max_age=METADATA_MAX_AGE)
