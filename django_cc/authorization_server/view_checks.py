"""System checks of views against the APIs of this project."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from rest_framework.views import APIView

from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.built_in_api import BuiltInScope
from django_cc.resource_server.api_views import (
    find_guarded_functions,
    find_protected_views,
    list_permissions,
    may_invite_machines,
    name_of,
)
from django_cc.resource_server.named_rules import list_names
from django_cc.resource_server.permissions import ScopePermission

_Messages = Sequence[checks.CheckMessage]


class _View(NamedTuple):
    name: str
    api: str | None
    scopes: frozenset[str]


def register() -> None:
    """Let `manage.py check` run these."""
    checks.register(check_views_name_their_api, checks.Tags.security)
    checks.register(check_scopes_are_declared, checks.Tags.security)


def check_views_name_their_api(**_kwargs: Any) -> _Messages:
    """E006: a view for machines that belongs to none of the project's APIs accepts no token.

    The built-in API may be named, and is nobody's default.
    """
    declared = _read_declared_scopes()
    identifiers = list(declared)[1:]
    return [
        checks.Error(
            f"{view.name} belongs to none of the project's APIs.",
            hint=f"Set its api to one of: {', '.join(identifiers)}.",
            id="django_cc.E006",
        )
        for view in _find_views_for_machines()
        if identifiers and _find_api(view, identifiers) not in declared
    ]


def check_scopes_are_declared(**_kwargs: Any) -> _Messages:
    """W020: a scope that the view's API does not declare is one that no client can be given.

    Known of the APIs in `DJANGO_CC["APIS"]` and of the built-in one; those in the database alone
    are not looked at.
    """
    declared = _read_declared_scopes()
    identifiers = list(declared)[1:]
    return [
        checks.Warning(
            f"{view.name} requires {', '.join(missing)}, which {api} does not declare: no client "
            "can have it.",
            hint=f'Add it to the scopes of {api} in DJANGO_CC["APIS"], or correct its name.',
            id="django_cc.W020",
        )
        for view in _find_views_for_machines()
        if (api := _find_api(view, identifiers)) in declared
        and (missing := sorted(view.scopes - declared[api]))
    ]


def _read_declared_scopes() -> Mapping[str, frozenset[str]]:
    """Return the scopes of each API, the built-in one first; nothing where settings are wrong."""
    try:
        settings = get_settings()
    except ImproperlyConfigured:  # E001 explains it
        return {}
    built_in = frozenset(scope.value for scope in BuiltInScope)
    configured = {api.identifier: frozenset(api.scopes) for api in settings.configured_apis}
    return {settings.issuer: built_in, **configured}


def _find_views_for_machines() -> Iterator[_View]:
    if not _read_declared_scopes():
        return
    for view in find_protected_views():
        api = getattr(view, "api", None)
        # What is a property is known at run time alone.
        if may_invite_machines(view) and isinstance(api, str | None):
            yield _View(name_of(view), api, _read_required_scopes(view))
    for function in find_guarded_functions():
        rules = function.rules
        scopes = frozenset([*list_names(rules.scopes), *list_names(rules.any_of)])
        yield _View(function.name, rules.api, scopes)


def _read_required_scopes(view: type[APIView]) -> frozenset[str]:
    required = getattr(view, "required_scopes", None)
    # The toolkit's classes may put the names together otherwise, and so may a subclass of ours.
    is_literal = any(map(_reads_scopes_as_written, list_permissions(view)))
    if not is_literal or not isinstance(required, str | Sequence | Set | Mapping):
        return frozenset()
    return frozenset(list_names(required))


def _reads_scopes_as_written(permission: Any) -> bool:
    if not (isinstance(permission, type) and issubclass(permission, ScopePermission)):
        return False
    return permission.get_required_scopes is ScopePermission.get_required_scopes


def _find_api(view: _View, identifiers: Sequence[str]) -> str:
    return view.api or (identifiers[0] if len(identifiers) == 1 else "")
