"""Resource indicators: which API a token is wanted for (RFC 8707 §2)."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from django_cc.protocol.errors import InvalidTarget, RefusalReason

# RFC 3986 §2 and §4.3: what an absolute URI is written in; `#` would begin a fragment.
_URI_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
# One sentence for unknown, malformed and not granted: nobody may probe which APIs exist.
_REFUSAL = "The resource is unknown, malformed, or not granted to this client."


def refuse_target() -> InvalidTarget:
    """Return the refusal of any resource, whatever is wrong with it."""
    return InvalidTarget(_REFUSAL, reason=RefusalReason.API_NOT_GRANTED)


def is_absolute_uri(text: str) -> bool:
    """Tell whether `text` is an absolute URI without a fragment, as RFC 8707 §2 demands."""
    try:
        parts = urlsplit(text)
    except ValueError:  # for example an unclosed IPv6 bracket
        return False
    has_place = bool(parts.netloc) or bool(parts.path)
    return bool(parts.scheme) and has_place and _URI_CHARACTERS.fullmatch(text) is not None


def parse_resource(values: Sequence[str]) -> str | None:
    """Return the one API asked for, or None when the request names none.

    Several are refused: a token for several audiences could be replayed by one of them at
    another (RFC 8707 §3; decision 25).

    Raises:
        InvalidTarget: several values, or one that is not an absolute URI without a fragment.
    """
    if not values:
        return None
    if len(values) > 1 or not is_absolute_uri(values[0]):
        raise refuse_target()
    return values[0]
