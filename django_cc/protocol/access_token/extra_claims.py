"""Claims that a project adds to its access tokens (RFC 9068 §2.2.3, RFC 7519 §4.3)."""

import json
from typing import Any

# What this server says itself, or would mean something it does not vouch for.
RESERVED_CLAIMS = frozenset(
    {
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti"),  # RFC 7519 §4.1
        *("client_id", "scope", "cnf", "act"),  # RFC 8693 §4, RFC 7800 §3.1
        *("auth_time", "acr", "amr"),  # RFC 9068 §2.2.1: of a user who signed in
        "client_generation",
    }
)
MAX_EXTRA_BYTES = 4096  # as JSON in the token: it must fit into a header


class UnusableClaimsError(ValueError):
    """What was to be added to a token cannot be: no token is made without it, or with it."""


def read_extra_claims(value: object) -> dict[str, Any]:
    """Return extra claims, copied, so that nothing changes them any more.

    Raises:
        UnusableClaimsError: no dict, a registered claim, a value that is no JSON, or more than
            4096 bytes. The message names claims, never their values.
    """
    if not isinstance(value, dict):
        raise UnusableClaimsError(f"they are no dict but {type(value).__name__}.")
    reserved = sorted(name for name in value if name in RESERVED_CLAIMS)
    if reserved:
        raise UnusableClaimsError(f"{', '.join(reserved)} cannot be overwritten.")
    text, claims = _pass_through_json(value)
    if len(text) > MAX_EXTRA_BYTES:
        raise UnusableClaimsError(f"they are {len(text)} bytes, of {MAX_EXTRA_BYTES} at most.")
    return claims


def _pass_through_json(value: dict[Any, Any]) -> tuple[str, dict[str, Any]]:
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
        claims: dict[str, Any] = json.loads(text)
        json.dumps(claims, ensure_ascii=False).encode()  # half a character has no UTF-8
        is_the_same = bool(claims == value)
    except (TypeError, ValueError, RecursionError):
        raise UnusableClaimsError("they are no JSON.") from None
    if not is_the_same:  # a tuple, or a number as a name, would silently become something else
        raise UnusableClaimsError("they are no JSON as they are: use lists, and text for names.")
    return text, claims
