"""Find the project's views and what they say about machines, for the system checks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import OperandHolder, SingleOperandHolder
from rest_framework.views import APIView

from django_cc.resource_server.authentication import BearerTokenAuthentication
from django_cc.resource_server.invitation import knows_machines
from django_cc.resource_server.machine_rules import MachineRules

# What `as_view(…)` and `@action(…)` may say otherwise than the class.
_POLICIES = frozenset(
    {
        *("authentication_classes", "permission_classes", "throttle_classes"),
        *("required_scopes", "allowed_clients", "machine_access", "api", "client_rate"),
    }
)


@dataclass(frozen=True, slots=True)
class GuardedFunction:
    """A plain view with `@machine_access`, by name, and its rules."""

    name: str
    rules: MachineRules


def find_protected_views() -> list[type[APIView]]:
    """Return each DRF view of the URLconf that accepts our bearer tokens, once.

    A route that gives its view other attributes has a class of its own here.
    """
    views = dict.fromkeys(
        _as_routed(callback) for callback in _walk(get_resolver().url_patterns) if _is_drf(callback)
    )
    return [view for view in views if _accepts_bearer_tokens(view)]


def find_guarded_functions() -> list[GuardedFunction]:
    """Return each plain view of the URLconf that has `@machine_access`, once."""
    found = {
        _name(callback): rules
        for callback in _walk(get_resolver().url_patterns)
        if isinstance(rules := getattr(callback, "machine_rules", None), MachineRules)
    }
    return [GuardedFunction(name, rules) for name, rules in found.items()]


def list_permissions(view: type[APIView]) -> list[Any]:
    """Return the permission classes of `view`, those composed with `&`, `|` and `~` singly."""
    return [leaf for permission in view.permission_classes for leaf in _leaves(permission)]


def may_invite_machines(view: type[APIView]) -> bool:
    """Tell whether `view` has rules for machines, as far as its class tells."""
    if getattr(view, "machine_access", False) or getattr(view, "required_scopes", None):
        return True
    return any(map(knows_machines, list_permissions(view)))


def decides_permissions_itself(view: type[APIView]) -> bool:
    """Tell whether `view` chooses its permissions for each request, out of a check's sight."""
    return view.get_permissions is not APIView.get_permissions


def name_of(view: type[APIView]) -> str:
    """Return where a view is found in the code."""
    return f"{view.__module__}.{view.__name__}"


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[Callable[..., Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns)
        else:
            yield pattern.callback


def _is_drf(callback: Any) -> bool:
    # DRF names the class of a view or a ViewSet `cls`.
    kind = getattr(callback, "cls", None)
    return isinstance(kind, type) and issubclass(kind, APIView)


def _as_routed(callback: Any) -> type[APIView]:
    kind: type[APIView] = callback.cls
    given = getattr(callback, "initkwargs", {})
    own = {name: value for name, value in given.items() if name in _POLICIES}
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, **own}) if own else kind


def _name(callback: Any) -> str:
    return f"{callback.__module__}.{callback.__qualname__}"


def _accepts_bearer_tokens(view: type[APIView]) -> bool:
    return any(
        issubclass(authentication, BearerTokenAuthentication)
        for authentication in view.authentication_classes
    )


def _leaves(permission: Any) -> Iterator[Any]:
    if isinstance(permission, OperandHolder):
        yield from _leaves(permission.op1_class)
        yield from _leaves(permission.op2_class)
    elif isinstance(permission, SingleOperandHolder):
        yield from _leaves(permission.op1_class)
    else:
        yield permission
