"""System checks of what views say about machines."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from django_cc.resource_server.api_views import (
    decides_permissions_itself,
    find_protected_views,
    list_permissions,
    name_of,
)
from django_cc.resource_server.authentication import BearerTokenAuthentication
from django_cc.resource_server.invitation import find_attribute_read
from django_cc.resource_server.plain_views import MachineAccessIsMisplaced
from django_cc.resource_server.throttling import ClientRateThrottle

_Messages = Sequence[checks.CheckMessage]

_CURES = {"required_scopes": "HasRequiredScopes", "allowed_clients": "IsAllowedClient"}


def register() -> None:
    """Let `manage.py check` run these."""
    for check in (
        check_rules_are_read,
        check_authentication_order,
        check_machine_access_is_told,
        check_machine_access_asks_for_something,
        check_decorator_order,
        check_client_rates,
    ):
        checks.register(check, checks.Tags.security)


def check_rules_are_read(**_kwargs: Any) -> _Messages:
    """E102: `required_scopes` or `allowed_clients` that no permission class reads do nothing."""
    return [
        checks.Error(
            f"{name_of(view)} sets {attribute}, and none of its "
            "permission classes reads them: they protect nothing.",
            hint=f"Add django_cc.resource_server.permissions.{permission} to permission_classes.",
            id="django_cc.E102",
        )
        for view in find_protected_views()
        for attribute, permission in _CURES.items()
        if _ignores(view, attribute)
    ]


def check_authentication_order(**_kwargs: Any) -> _Messages:
    """W102: the first class decides what a 401 looks like, or that it becomes a 403."""
    return [
        checks.Warning(
            f"{name_of(view)} does not list BearerTokenAuthentication "
            "first: machines without a token get no challenge, or a 403 instead of a 401.",
            hint="Put it first in authentication_classes (or DEFAULT_AUTHENTICATION_CLASSES).",
            id="django_cc.W102",
        )
        for view in find_protected_views()
        if not issubclass(view.authentication_classes[0], BearerTokenAuthentication)
    ]


def check_machine_access_is_told(**_kwargs: Any) -> _Messages:
    """E120: `machine_access` is True or False; anything else invites nobody."""
    return [
        checks.Error(
            f"{name_of(view)} has machine_access = {access!r}: it invites no machine.",
            hint="Write machine_access = True, or name scopes in required_scopes instead.",
            id="django_cc.E120",
        )
        for view in find_protected_views()
        if not isinstance(access := getattr(view, "machine_access", False), bool)
    ]


def check_machine_access_asks_for_something(**_kwargs: Any) -> _Messages:
    """W120: a view that is made for machines and asks nobody for anything is open to the world."""
    return [
        checks.Warning(
            f"{name_of(view)} says machine_access = True, and its permission classes let "
            "everybody in, with and without a token.",
            hint="Add HasRequiredScopes, or IsMachine where every machine of the API may call.",
            id="django_cc.W120",
        )
        for view in find_protected_views()
        if getattr(view, "machine_access", False) is True and _lets_everybody_in(view)
    ]


def check_decorator_order(**_kwargs: Any) -> _Messages:
    """E121: `@machine_access` below `@api_view` cannot work; the view refuses everybody."""
    return [
        checks.Error(
            f"{name_of(view)} has @machine_access below @api_view: it refuses everybody.",
            hint="Put @machine_access on top.",
            id="django_cc.E121",
        )
        for view in find_protected_views()
        if MachineAccessIsMisplaced in view.permission_classes
    ]


def check_client_rates(**_kwargs: Any) -> _Messages:
    """E122: a throttle without a rate, or with one that is none, answers 500."""
    return [
        checks.Error(f"{name_of(view)} cannot throttle: {problem}", id="django_cc.E122")
        for view in find_protected_views()
        for throttle in view.throttle_classes
        if issubclass(throttle, ClientRateThrottle)
        and (problem := _find_problem(throttle, view)) is not None
    ]


def _ignores(view: type[APIView], attribute: str) -> bool:
    if not getattr(view, attribute, None) or decides_permissions_itself(view):
        return False
    return attribute not in map(find_attribute_read, list_permissions(view))


def _lets_everybody_in(view: type[APIView]) -> bool:
    if decides_permissions_itself(view):
        return False
    return all(permission is AllowAny for permission in list_permissions(view))


def _find_problem(throttle: type[ClientRateThrottle], view: type[APIView]) -> str | None:
    try:
        throttle().find_rate_of_view(view)
    except ImproperlyConfigured as error:
        return str(error)
    return None
