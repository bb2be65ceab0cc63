"""Read the settings dict `DJANGO_CC` into one frozen dataclass for each role.

A role's settings are a dataclass whose field `token_lifetime` is the key `TOKEN_LIFETIME`. The
dict is read on first use and again after `setting_changed`, never at import. A key that no
installed role knows is refused: a misspelt security setting must not be silently without effect.
"""

from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

SETTING = "DJANGO_CC"

_Role = TypeVar("_Role")
_roles: set[type] = set()
_read: dict[type, Any] = {}


def register(role: type) -> None:
    """Announce the dataclass of an installed role, so that its keys are known."""
    _roles.add(role)


def get(role: type[_Role]) -> _Role:
    """Return the settings of `role`, read once.

    Raises:
        ImproperlyConfigured: a key is unknown, missing, or has a wrong value; the message names
            the key and the fix.
    """
    if role not in _read:
        _read[role] = _build(role, _mapping())
    found: _Role = _read[role]
    return found


def _mapping() -> dict[str, Any]:
    mapping = getattr(settings, SETTING, {})
    if not isinstance(mapping, dict):
        raise ImproperlyConfigured(f"{SETTING} must be a dict.")
    known = {_key(field.name) for role in _roles for field in fields(role)}
    unknown = sorted(str(key) for key in mapping.keys() - known)
    if unknown:
        raise ImproperlyConfigured(
            f"{SETTING} has unknown keys: {', '.join(unknown)}. "
            f"Known here: {', '.join(sorted(known))}."
        )
    return mapping


def _build(role: type[_Role], mapping: dict[str, Any]) -> _Role:
    values = {}
    for field in fields(role):  # type: ignore[arg-type]  # every role is a dataclass
        key = _key(field.name)
        if key in mapping:
            values[field.name] = mapping[key]
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ImproperlyConfigured(f'{SETTING}["{key}"] is required.')
    return role(**values)


def _key(field_name: str) -> str:
    return field_name.upper()


def refuse(key: str, problem: str) -> ImproperlyConfigured:
    """Return the error for a wrong value of `key`."""
    return ImproperlyConfigured(f'{SETTING}["{key}"] {problem}')


def seconds(key: str, value: object, *, least: int, most: int | None = None) -> timedelta:
    """Return a duration given in seconds or as a timedelta, of whole seconds.

    Raises:
        ImproperlyConfigured: neither, or out of bounds.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = timedelta(seconds=value)
    if not isinstance(value, timedelta) or value.microseconds:
        raise refuse(key, "must be a number of whole seconds or a timedelta.")
    if value < timedelta(seconds=least) or (most is not None and value > timedelta(seconds=most)):
        upper = "" if most is None else f" and at most {most}"
        raise refuse(key, f"must be at least {least} seconds{upper}.")
    return value


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == SETTING:
        _read.clear()


setting_changed.connect(_forget, dispatch_uid="django_cc.conf")
