"""Find client IDs that could be taken for a user (RFC 9068 §5)."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import IntegerField

from django_cc.authorization_server.settings import get_settings

_MOST_DIGITS = 18  # fit every integer column


def find_user_identifiers(client_ids: Collection[str]) -> set[str]:
    """Return those of the client IDs that are a user's name, e-mail address or primary key.

    None where `SUBJECT_PREFIX` keeps the subjects of clients apart from those of users.
    """
    if get_settings().subject_prefix:
        return set()
    users = get_user_model()
    found = _find(users.USERNAME_FIELD, client_ids)
    email = users.get_email_field_name()
    return found | _find(email, client_ids) | _find("pk", client_ids)


def _find(name: str, client_ids: Collection[str]) -> set[str]:
    users = get_user_model()
    try:
        field: Any = users._meta.pk if name == "pk" else users._meta.get_field(name)
    except FieldDoesNotExist:  # a model without e-mail addresses
        return set()
    values = {_read(field, client_id): client_id for client_id in client_ids}
    values.pop(None, None)
    rows = users._default_manager.filter(**{f"{name}__in": list(values)})
    return {str(value) for value in rows.values_list(name, flat=True)} & set(client_ids)


def _read(field: Any, client_id: str) -> Any:
    """Return the client ID as a value of the field, or None where it can be none."""
    if isinstance(field, IntegerField) and len(client_id) > _MOST_DIGITS:
        return None
    try:
        return field.to_python(client_id)
    except ValidationError:
        return None
