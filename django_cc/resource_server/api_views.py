"""Find the project's DRF views and what their permissions are made of, for the system checks."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import OperandHolder, SingleOperandHolder
from rest_framework.views import APIView

from django_cc.resource_server.authentication import BearerTokenAuthentication
from django_cc.resource_server.invitation import reads_scopes


def find_protected_views() -> list[type[APIView]]:
    """Return each DRF view of the URLconf that accepts our bearer tokens, once."""
    views = dict.fromkeys(_walk(get_resolver().url_patterns))
    return [view for view in views if _accepts_bearer_tokens(view)]


def list_permissions(view: type[APIView]) -> list[Any]:
    """Return the permission classes of `view`, those composed with `&`, `|` and `~` singly."""
    return [leaf for permission in view.permission_classes for leaf in _leaves(permission)]


def may_invite_machines(view: type[APIView]) -> bool:
    """Tell whether `view` has rules for machines, as far as its class tells."""
    if getattr(view, "machine_access", False) or getattr(view, "required_scopes", None):
        return True
    return any(map(reads_scopes, list_permissions(view)))


def decides_permissions_itself(view: type[APIView]) -> bool:
    """Tell whether `view` chooses its permissions for each request, out of a check's sight."""
    return view.get_permissions is not APIView.get_permissions


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[type[APIView]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns)
            continue
        # DRF names the class of a view or a ViewSet `cls`.
        view = getattr(pattern.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, APIView):
            yield view


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
