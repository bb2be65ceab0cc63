"""Read a JSON object that strangers wrote, without what lenient readers let through."""

import json
from typing import Any


class InvalidJSON(ValueError):
    """Not the JSON object that was asked for; says nothing of what it is."""


def parse_json_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that `raw` is in UTF-8: no duplicate members, no NaN or Infinity.

    Raises:
        InvalidJSON: it is anything else, or nested too deeply.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_refuse_duplicates,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        raise InvalidJSON from None
    if not isinstance(value, dict):
        raise InvalidJSON
    return value


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")  # RFC 7515 §4, RFC 7517 §4: names MUST be unique
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
