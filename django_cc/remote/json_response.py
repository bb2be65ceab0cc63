"""Read an answer that should be a JSON document, and for how long it may be kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from urllib3 import BaseHTTPResponse

from django_cc.protocol.strict_json import InvalidJSON, parse_json_object
from django_cc.remote.unavailable import DocumentUnavailable

_JSON_MEDIA_TYPE = re.compile(r"application/([a-z0-9.-]+\+)?json")  # RFC 6839 §3.1
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})\b", re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A document as the other server gave it.

    Attributes:
        content: the JSON object.
        max_age: for how long it says that it may be kept, zero for not at all; None where it
            does not say.
    """

    content: Mapping[str, Any]
    max_age: timedelta | None = None


def read_document(response: BaseHTTPResponse, max_bytes: int) -> FetchedDocument:
    """Return the JSON object of an answer that was not decoded yet.

    Raises:
        DocumentUnavailable: another status than 200, another media type than JSON, a body that
            is compressed, too long, or no JSON object.
    """
    _require_json(response)
    try:
        content = parse_json_object(_read_body(response, max_bytes))
    except InvalidJSON:
        raise DocumentUnavailable("it is not a JSON object") from None
    return FetchedDocument(content, read_max_age(response.headers))


def _read_body(response: BaseHTTPResponse, max_bytes: int) -> bytes:
    body = b""
    while piece := response.read(max_bytes + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > max_bytes:
            raise DocumentUnavailable(f"it is longer than {max_bytes} bytes")
    return body


def _require_json(response: BaseHTTPResponse) -> None:
    if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        raise DocumentUnavailable("it redirects, which is not followed")
    if response.status != HTTPStatus.OK:
        raise DocumentUnavailable(f"it answers with status {response.status}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise DocumentUnavailable("it is compressed, which was not asked for")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _JSON_MEDIA_TYPE.fullmatch(media_type):
        raise DocumentUnavailable("its media type is not JSON")


def read_max_age(headers: Mapping[str, str]) -> timedelta | None:
    """Return for how long it may be kept (RFC 9111 §4.2), less the time it has spent in caches."""
    said = headers.get("Cache-Control", "")
    if _UNCACHED.search(said):
        return timedelta(0)
    found = _MAX_AGE.search(said)
    if found is None:
        return None
    age = headers.get("Age", "").strip()
    spent = int(age) if _SECONDS.fullmatch(age) else 0
    return timedelta(seconds=max(0, int(found[1]) - spent))
