"""Tell who sees a machine client, but may not do something with it, whom to ask."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.console.site.rights import Right, may
from django_cc.models import MachineClient

_MOST_NAMED: Final = 4
_MISSING: Final[Mapping[Right, Any]] = {
    Right.ISSUE_CREDENTIAL: _(
        "You can see this machine client but not rotate its secrets. Ask someone who may create "
        "credentials"
    ),
    Right.GRANT_ACCESS: _(
        "You can see this machine client but not change its API access. Ask someone who may grant "
        "access"
    ),
    Right.EDIT_CLIENT: _(
        "You can see this machine client but not change its limits. Ask someone who may edit "
        "machine clients"
    ),
}


def explain_missing(
    user: AbstractBaseUser | AnonymousUser, right: Right, client: MachineClient
) -> str:
    """Return what `user` may not do without the right, and who may; empty where they hold it."""
    if may(user, right):
        return ""
    names = _name_holders(right, client)
    if not names:
        return gettext("%(sentence)s.") % {"sentence": _MISSING[right]}
    words = {"sentence": _MISSING[right], "names": ", ".join(names)}
    return gettext("%(sentence)s: %(names)s.") % words


def _name_holders(right: Right, client: MachineClient) -> list[str]:
    """Return the owner and the owning group if they may; else the groups that may for all."""
    owner, own_group, holders = client.owner, client.owning_group, _list_groups(right)
    near = []
    if owner is not None and may(owner, right):  # no inactive account may
        near.append(owner.get_username())
    groups = [group for group in holders if group == own_group]
    if not near and not groups:
        groups = [group for group in _list_groups(Right.ACCESS_ALL_CLIENTS) if group in holders]
    named = [gettext("%(name)s group") % {"name": group.name} for group in groups]
    return [*near, *named][:_MOST_NAMED]


def _list_groups(right: Right) -> list[Group]:
    held = Q(permissions__codename=right, permissions__content_type__app_label="django_cc")
    return list(Group.objects.filter(held).order_by("name"))
