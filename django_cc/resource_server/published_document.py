"""Answer with a public document that caches may keep (RFC 9110 §13, RFC 9111 §5.2)."""

import hashlib
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

JSON_MEDIA_TYPE = "application/json"


def answer_published(
    request: HttpRequest,
    body: bytes,
    *,
    max_age: timedelta,
    media_type: str = JSON_MEDIA_TYPE,
) -> HttpResponse:
    """Return the document, which caches may keep for `max_age` and then ask about by its ETag.

    Who has it already is told so: 304 (RFC 9110 §13.1.2). The same bytes have the same ETag, in
    every process.
    """
    response = HttpResponse(body, content_type=media_type)
    response["Cache-Control"] = f"public, max-age={int(max_age.total_seconds())}"
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
    # RFC 9110 §13.1.4: "MUST ignore" it without a modification date. Django would answer 412.
    request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return response if answer is None else answer
