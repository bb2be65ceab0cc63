"""Groups with the rights that people of a usual team need, each no more than its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from django_cc.authorization_server.database import get_database

_APP = "django_cc"
_LOOK: Final = ("view_machineclient", "view_auditevent", "view_dashboard")
_CATALOGUE: Final = ("view_api", "view_scope")

# The names say what they are for: a project's own “Admin” must not get rights by its name.
# Whoever can stop things cannot make credentials, and whoever grants access cannot either.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Machine access: Developer": (
        *_LOOK,
        *_CATALOGUE,
        "add_machineclient",
        "change_machineclient",
        "issue_credential",
        "revoke_credential",
        "disable_client",
        "revoke_tokens",
        "test_request",
    ),
    "Machine access: Access approver": (
        *_LOOK,
        *_CATALOGUE,
        "access_all_clients",
        "add_machineclient",  # without issue_credential: a secret is for its owner to make
        "grant_access",
        "grant_restricted_scope",
    ),
    "Machine access: On-call": (
        *_LOOK,
        *_CATALOGUE,
        "access_all_clients",
        "disable_client",
        "revoke_credential",
        "revoke_tokens",
    ),
    "Machine access: Auditor": (*_LOOK, *_CATALOGUE, "access_all_clients", "view_signingkey"),
    "Machine access: Key custodian": ("view_signingkey", "rotate_signingkey", "retire_signingkey"),
    "Machine access: Admin": (
        *_LOOK,
        *_CATALOGUE,
        "access_all_clients",
        "add_machineclient",
        "change_machineclient",
        "delete_machineclient",
        "issue_credential",
        "revoke_credential",
        "disable_client",
        "revoke_tokens",
        "grant_access",
        "grant_restricted_scope",
        "test_request",
        "add_api",
        "change_api",
        "delete_api",
        "add_scope",
        "change_scope",
        "delete_scope",
        "view_signingkey",
        "rotate_signingkey",
        "retire_signingkey",
    ),
}


@dataclass(frozen=True, slots=True)
class ReadyGroup:
    """What was done about one group.

    Attributes:
        name: of the group.
        is_new: whether it was created.
        added: codenames of the rights it was given; those it had besides are kept.
    """

    name: str
    is_new: bool
    added: Sequence[str]


def ensure_groups() -> list[ReadyGroup]:
    """Have every group of `GROUPS` hold its rights; idempotent.

    Rights that somebody has added are kept, and nobody is put into a group or taken out.

    Raises:
        ValidationError: a right is not there yet: `migrate` makes them.
    """
    with transaction.atomic(using=get_database()):
        rights = _find_rights()
        return [_ensure(name, [rights[one] for one in held]) for name, held in GROUPS.items()]


def _find_rights() -> dict[str, Permission]:
    wanted = {codename for held in GROUPS.values() for codename in held}
    rows = Permission.objects.using(get_database()).filter(content_type__app_label=_APP)
    found = {row.codename: row for row in rows.filter(codename__in=wanted)}
    missing = sorted(wanted - {*found})
    if missing:
        problem = _("These rights are not there yet: %(rights)s. Run “manage.py migrate” first.")
        raise ValidationError(problem % {"rights": ", ".join(missing)})
    return found


def _ensure(name: str, rights: Sequence[Permission]) -> ReadyGroup:
    group, is_new = Group.objects.using(get_database()).get_or_create(name=name)
    held = {*group.permissions.values_list("pk", flat=True)}
    added = [right for right in rights if right.pk not in held]
    group.permissions.add(*added)
    return ReadyGroup(name, is_new, sorted(right.codename for right in added))
