"""`@machine_access`: let machines into function views."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from rest_framework.views import APIView

from django_cc.resource_server.api_views import list_permissions
from django_cc.resource_server.invitation import knows_machines
from django_cc.resource_server.machine_rules import MachineRules, Names
from django_cc.resource_server.permissions import (
    HasAnyRequiredScope,
    HasRequiredScopes,
    IsAllowedClient,
    IsMachine,
)
from django_cc.resource_server.plain_views import guard

_View = TypeVar("_View", bound=Callable[..., Any])

_MADE_BY_API_VIEW = "WrappedAPIView"


def machine_access(
    *,
    scopes: Names | None = None,
    any_of: Names | None = None,
    clients: Names | None = None,
    any_scope: bool = False,
    api: str | None = None,
    people: bool = False,
) -> Callable[[_View], _View]:
    """Let the machines into a function view that meet the rules; put it on top.

    *A plain Django view*, `def` or `async def`, or what `as_view()` returned. Nobody else enters,
    unless `people=True` lets people in who are signed in; CSRF is checked for them. `request.user`
    is the `MachinePrincipal`, `request.auth` the `AccessToken`, and refusals are JSON with the
    challenges of RFC 6750.

    *A function with `@api_view`*, below this one. The rules become `required_scopes`,
    `allowed_clients` and `api` of the view. Where its `@permission_classes` know machines, they
    decide; else ours go before them.

    Args:
        scopes: of which a token must hold every one; a list, or a dict by HTTP method in which HEAD
            and OPTIONS count as GET and every other method that is missing is refused.
        any_of: of which a token must hold one; instead of `scopes`.
        clients: IDs of the clients that may call.
        any_scope: True where every machine of the API may call.
        api: the identifier of the API the view belongs to; needed where there are several.
        people: True where people who are signed in may call too.

    Raises:
        TypeError: the rules name nobody, or it stands where it cannot work.
    """
    rules = MachineRules(scopes, any_of, clients, any_scope, api, people)

    def decorate(view: _View) -> _View:
        if isinstance(view, type):
            raise TypeError(
                f"@machine_access is for functions: decorate {view.__name__}.as_view()."
            )
        kind = getattr(view, "cls", None)
        if kind is None:
            return cast("_View", guard(view, rules))
        _apply_to_api_view(kind, rules)
        return view

    return decorate


def _apply_to_api_view(kind: Any, rules: MachineRules) -> None:
    _require_function_view(kind, rules)
    kind.required_scopes = rules.any_of if rules.scopes is None else rules.scopes
    kind.allowed_clients, kind.api = rules.clients, rules.api
    if not any(map(knows_machines, list_permissions(kind))):
        kind.permission_classes = [*_choose_permissions(rules), *kind.permission_classes]


def _require_function_view(kind: Any, rules: MachineRules) -> None:
    # The class is changed below. That of a function is its own; another may be routed twice.
    if not issubclass(kind, APIView) or kind.__qualname__ != _MADE_BY_API_VIEW:
        raise TypeError(
            f"@machine_access is for functions: set permission_classes on {kind.__name__} itself."
        )
    if rules.people:
        raise TypeError(
            "people=True is for plain views: write @permission_classes([HasRequiredScopes | "
            "IsAuthenticated]) below @api_view."
        )


def _choose_permissions(rules: MachineRules) -> list[Any]:
    classes = {
        HasRequiredScopes: rules.scopes is not None,
        HasAnyRequiredScope: rules.any_of is not None,
        IsAllowedClient: rules.clients is not None,
        IsMachine: rules.any_scope,
    }
    return [permission for permission, is_wanted in classes.items() if is_wanted]
