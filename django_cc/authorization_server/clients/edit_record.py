"""Put an edit of a machine client into the few words that the audit trail keeps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import API, MachineClient

LONGEST_RECORD = 255


def describe_edit(before: MachineClient, new: Mapping[str, Any]) -> str:
    """Return every changed field, with old → new where there is room.

    Of a description there is never room. Where all is too long, the longest values go first, so
    that no field is missing.

    Args:
        before: the client, not yet changed.
        new: the changed fields with their new values.
    """
    parts = {
        field: f"{field}: {_describe(getattr(before, field))} → {_describe(value)}"
        for field, value in new.items()
    }
    if "description" in parts:
        parts["description"] = "description"
    while len(_join(parts)) > LONGEST_RECORD:
        longest = max(parts, key=lambda field: len(parts[field]))
        parts[longest] = longest
    return _join(parts)


def _join(parts: Mapping[str, str]) -> str:
    return "; ".join(parts.values())


def _describe(value: object) -> str:
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value) if value else "-"


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "yes" if value else "no"),
    (list, lambda value: " ".join(map(str, value)) or "-"),
    (AbstractBaseUser, lambda value: value.get_username()),
    (API, lambda value: value.identifier),
    (datetime, lambda value: str(write_timestamp(value))),
)
