"""Request bodies in application/x-www-form-urlencoded (RFC 6749 §3.2, Appendix B)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote_plus, unquote_to_bytes

from django_cc.protocol.errors import InvalidRequest
from django_cc.protocol.names import FORM_MEDIA_TYPE, Parameter

MAX_BODY_BYTES = 64 * 1024  # The largest honest request, a signed assertion, is a tenth of this.
_MAX_FIELDS = 100
_REPEATABLE = frozenset({Parameter.RESOURCE})  # RFC 8707 §2
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def decode_component(encoded: bytes) -> str:
    """Decode one name or value: `+` is a space, `%XX` a byte, the whole UTF-8 (Appendix B).

    Raises:
        ValueError: a broken escape, invalid UTF-8, or a NUL.
    """
    if _BROKEN_ESCAPE.search(encoded):
        raise ValueError("broken percent-encoding")
    text = unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8")
    if "\0" in text:
        raise ValueError("a NUL character")
    return text


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of one request. A parameter sent without a value was omitted (§3.2)."""

    values: Mapping[str, Sequence[str]] = field(repr=False)  # there may be a secret among them

    @classmethod
    def parse(cls, body: bytes, *, content_type: str) -> Self:
        """Read a body of at most `MAX_BODY_BYTES` bytes.

        Raises:
            InvalidRequest: another media type, too large, broken encoding, or a parameter that
                is sent twice (§3.2: "Parameters [...] MUST NOT be included more than once").
        """
        if content_type.partition(";")[0].strip().lower() != FORM_MEDIA_TYPE:
            raise InvalidRequest(f"Send the parameters in the body as {FORM_MEDIA_TYPE}.")
        if len(body) > MAX_BODY_BYTES:
            raise InvalidRequest(f"The request body is larger than {MAX_BODY_BYTES} bytes.")
        pairs = [pair for pair in body.split(b"&") if pair]
        if len(pairs) > _MAX_FIELDS:
            raise InvalidRequest(f"The request has more than {_MAX_FIELDS} parameters.")
        return cls(_collect(pairs))

    def get(self, name: str) -> str | None:
        """Return the value of a parameter, or None when it was omitted."""
        found = self.values.get(name)
        return found[0] if found else None

    def get_all(self, name: str) -> Sequence[str]:
        """Return every value of a parameter that may repeat."""
        return self.values.get(name, ())


def _collect(pairs: Sequence[bytes]) -> dict[str, list[str]]:
    seen: set[str] = set()
    values: dict[str, list[str]] = {}
    for pair in pairs:
        name, value = _decode_pair(pair)
        if name in seen and name not in _REPEATABLE:
            raise InvalidRequest("A parameter is sent more than once.")
        seen.add(name)
        if value:
            values.setdefault(name, []).append(value)
    return values


def _decode_pair(pair: bytes) -> tuple[str, str]:
    name, _, value = pair.partition(b"=")
    try:
        return decode_component(name), decode_component(value)
    except ValueError:
        raise InvalidRequest("The body is not valid UTF-8 form encoding.") from None


def refuse_parameters_in_query(query_string: str) -> None:
    """Refuse OAuth parameters in the request URI, where logs and histories keep them.

    RFC 6749 §2.3.1: credentials "MUST NOT be included in the request URI". Any other query is
    the project's own affair.

    Raises:
        InvalidRequest: the query holds a parameter of one of our endpoints.
    """
    names = {unquote_plus(pair.partition("=")[0]).lower() for pair in query_string.split("&")}
    if names & {parameter.value for parameter in Parameter}:
        raise InvalidRequest("Send the parameters in the request body, not in the URI.")
