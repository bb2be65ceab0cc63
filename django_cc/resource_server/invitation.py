"""Decide what a machine with a valid token is to a view."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from rest_framework.permissions import AND, NOT, OR

# Permission classes of django-oauth-toolkit; by name, since a resource server does without it.
_TOOLKIT_ENFORCERS = frozenset({"TokenHasScope", "TokenMatchesOASRequirements"})
_TOOLKIT_READERS = _TOOLKIT_ENFORCERS | {"IsAuthenticatedOrTokenHasScope"}
_READ_BY_TOOLKIT = "required_scopes"


class Invitation(Enum):
    """What a view has said about machines."""

    NONE = "no rule for machines: they are nobody, as if they had sent no token"
    BY_RULE_ALONE = "some permission may admit them by its rule; to the others they are nobody"
    GIVEN = "they count as authenticated"


def read_invitation(view: Any) -> Invitation:
    """Return what `view` has said, by its attribute or by the permissions of this request.

    `GIVEN` where it says `machine_access = True`, or where its permissions demand a machine on
    every path: a class that invites, at the top level or on a side of `&`. One under `|` or `~`
    does not invite, for the request may pass without it.
    """
    if view is None:
        return Invitation.NONE
    if getattr(view, "machine_access", False) is True:
        return Invitation.GIVEN
    permissions = view.get_permissions()
    if any(map(_demands_machine, permissions)):
        return Invitation.GIVEN
    if any(map(knows_machines, _leaves(permissions))):
        return Invitation.BY_RULE_ALONE
    return Invitation.NONE


def invites_machines(permission: object) -> bool:
    """Tell whether a permission (class or instance) lets in no one but machines, by its rule.

    The class that defines its `has_permission` must say so: one derived from ours that overrides
    the method may decide by anything.
    """
    decides = next((base for base in _mro(permission) if "has_permission" in vars(base)), object)
    return vars(decides).get("invites_machines") is True or _is_toolkit(decides, _TOOLKIT_ENFORCERS)


def knows_machines(permission: object) -> bool:
    """Tell whether a permission (class or instance) may admit a machine, or tell it apart."""
    return any(
        vars(base).get("invites_machines") is True or _is_toolkit(base, _TOOLKIT_READERS)
        for base in _mro(permission)
    )


def find_attribute_read(permission: object) -> str | None:
    """Return the attribute of a view that a permission (class or instance) decides by."""
    if any(_is_toolkit(base, _TOOLKIT_READERS) for base in _mro(permission)):
        return _READ_BY_TOOLKIT
    read: str | None = getattr(permission, "reads", None) if knows_machines(permission) else None
    return read


def _demands_machine(permission: Any) -> bool:
    if isinstance(permission, AND):
        return any(map(_demands_machine, _sides(permission)))
    return invites_machines(permission)


def _leaves(permissions: Iterable[Any]) -> Iterator[Any]:
    for permission in permissions:
        if isinstance(permission, AND | OR | NOT):
            yield from _leaves(_sides(permission))
        else:
            yield permission


def _sides(permission: Any) -> Iterable[Any]:
    # DRF keeps the operands of `&`, `|` and `~` as op1 and op2.
    return list(vars(permission).values())


def _mro(permission: object) -> tuple[type, ...]:
    return (permission if isinstance(permission, type) else type(permission)).__mro__


def _is_toolkit(kind: type, names: frozenset[str]) -> bool:
    return kind.__module__.startswith("oauth2_provider.") and kind.__name__ in names
