"""The rules for what is said of a machine client, at its registration and in every edit."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from django_cc.authorization_server.clients.latest_end import require_sane_end
from django_cc.authorization_server.one_line import clean_line, fold_blanks
from django_cc.authorization_server.typed_secrets import require_no_secret
from django_cc.models import API, MachineClient
from django_cc.models.machine_client import NAME_LENGTH

NAME_TAKEN: Final = "name_taken"


def clean_name(name: str) -> str:
    """Return `name` with its blanks folded.

    Raises:
        ValidationError: empty, too long, or with characters that do not print; for the field.
    """
    if not fold_blanks(name):
        raise ValidationError({"name": _("Give the client a name that says what it is.")})
    return clean_line(name, field="name", longest=NAME_LENGTH)


def clean_description(description: str) -> str:
    """Return `description` as it is; it may have several lines.

    Raises:
        ValidationError: a client secret is in it; for the field.
    """
    require_no_secret(description, field="description")
    return description


def find_twin(
    name: str, owner: AbstractBaseUser | None, *, apart_from: MachineClient | None = None
) -> MachineClient | None:
    """Return the client of `owner` that has this name, regardless of case and blanks, or None."""
    # Compared by the database's own Lower(), as in the constraint on the table.
    rows = MachineClient.objects.filter(owner_id=owner.pk if owner else None)
    twins = rows.annotate(lower_name=Lower("name")).filter(
        lower_name=Lower(Value(fold_blanks(name)))
    )
    if apart_from is not None:
        twins = twins.exclude(pk=apart_from.pk)
    return twins.first()


def require_no_twin(
    name: str, owner: AbstractBaseUser | None, *, apart_from: MachineClient | None = None
) -> None:
    """Return if no client of `owner` but `apart_from` has this name; the revision is locked.

    Raises:
        ValidationError: one has it, and the words say so; for the field `name`, with the code
            `NAME_TAKEN`.
    """
    if find_twin(name, owner, apart_from=apart_from) is not None:
        taken = ValidationError(_describe_twin(name, owner), code=NAME_TAKEN)
        raise ValidationError({"name": taken})


def require_default_api(default_api: API | None, callable_apis: Collection[API]) -> None:
    """Return if `default_api` is none, or one of those the client may call but the built-in.

    Raises:
        ValidationError: it is another one; for the field.
    """
    if default_api is not None and (default_api.built_in or default_api not in callable_apis):
        problem = _("The default API must offer one of the client's scopes.")
        raise ValidationError({"default_api": problem})


def require_future(expires_at: datetime | None, *, now: datetime) -> None:
    """Return if the end of a client is still to come, or never comes; both are aware UTC.

    Raises:
        ValidationError: it has passed, or is beyond every calendar; for the field.
    """
    require_sane_end(expires_at)
    if expires_at is not None and expires_at <= now:
        problem = _("The end must be in the future; to stop a client now, disable it.")
        raise ValidationError({"expires_at": problem})


def _describe_twin(name: str, owner: AbstractBaseUser | None) -> str:
    if owner is None:
        text = _("There is already a machine client named “%(name)s”. Choose another name.")
    else:
        text = _("“%(owner)s” already has a machine client named “%(name)s”. Choose another name.")
    return text % {"name": name, "owner": owner.get_username() if owner else ""}
