"""Decide whether a view invites machines."""

from typing import Any

from rest_framework.permissions import AND

# Permission classes of django-oauth-toolkit that demand scopes; by name, since a resource server
# does without the toolkit.
_TOOLKIT_SCOPE_CLASSES = frozenset({"TokenHasScope", "TokenMatchesOASRequirements"})


def invites_machines(view: Any) -> bool:
    """Tell whether machines may count as authenticated in this view.

    Either the view says `machine_access = True`, or its permissions demand scopes on every path:
    a scope-enforcing class at the top level or on a side of `&`. One under `|` or `~` does not
    invite, for the request may pass without it.
    """
    if view is None:
        return False
    if getattr(view, "machine_access", False) is True:
        return True
    return any(map(_demands_scopes, view.get_permissions()))


def enforces_scopes(permission: object) -> bool:
    """Tell whether a permission (class or instance) is one that demands scopes by itself."""
    kind = permission if isinstance(permission, type) else type(permission)
    return any(
        getattr(base, "enforces_scopes", False) is True or _is_toolkit_scope_class(base)
        for base in kind.__mro__
    )


def _demands_scopes(permission: Any) -> bool:
    if isinstance(permission, AND):
        sides = vars(permission)
        return _demands_scopes(sides["op1"]) or _demands_scopes(sides["op2"])
    return enforces_scopes(permission)


def _is_toolkit_scope_class(kind: type) -> bool:
    return (
        kind.__module__.startswith("oauth2_provider.") and kind.__name__ in _TOOLKIT_SCOPE_CLASSES
    )
