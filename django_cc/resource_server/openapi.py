"""Tell drf-spectacular what tokens each operation takes; imported only where it is installed."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.settings import spectacular_settings
from rest_framework.permissions import AND, NOT, OR

from django_cc.resource_server.api_views import find_protected_views
from django_cc.resource_server.invitation import (
    Invitation,
    invites_machines,
    knows_machines,
    read_invitation,
)
from django_cc.resource_server.permissions import HasAnyRequiredScope, IsMachine
from django_cc.resource_server.settings import get_settings

_TOKEN_PATH = "/oauth/token"  # noqa: S105 - where django_cc.urls has it below the issuer

# Ways to meet a rule, each a set of scopes that together suffice.
_Ways = list[frozenset[str]]
_NO_WAY: _Ways = []
_ANY_SCOPE: _Ways = [frozenset()]


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """The client credentials flow, and the scopes that the permission classes of a view demand.

    Of the project's `SPECTACULAR_SETTINGS` it reads `OAUTH2_TOKEN_URL`, where tokens are not to
    be had at `/oauth/token` of the issuer, and `OAUTH2_SCOPES`, a dict with the descriptions.
    """

    target_class = "django_cc.resource_server.authentication.BearerTokenAuthentication"
    match_subclasses = True
    name = "clientCredentials"

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Return the ways in for a machine, each sufficient; none where the view has no rule."""
        ways = find_ways_in(auto_schema.view)
        return [{self.name: sorted(scopes)} for scopes in ways]

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        """Return the scheme with every scope that a view of the project names."""
        described: dict[str, str] = spectacular_settings.OAUTH2_SCOPES or {}
        scopes = {name: described.get(name, "") for name in sorted({*_list_scopes(), *described})}
        flow = {"tokenUrl": find_token_url(), "scopes": scopes}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def find_ways_in(view: Any) -> _Ways:
    """Return the sets of scopes that let a machine into `view`, for the method of its request.

    An empty set where a token of any scope will do; no set at all where no machine gets in.
    """
    if read_invitation(view) is Invitation.NONE:
        return _NO_WAY
    permissions = view.get_permissions()
    if any(map(_keeps_machines_out, permissions)):
        return _NO_WAY
    ways = _combine(_ways_through(permission, view) for permission in permissions)
    return list(dict.fromkeys(ways))


def find_token_url() -> str:
    """Return where a document says that tokens are to be had."""
    configured: str | None = spectacular_settings.OAUTH2_TOKEN_URL
    if configured:
        return configured
    settings = get_settings()
    issuers = [settings.issuer, *(one.issuer for one in settings.trusted_issuers)]
    return next((issuer.rstrip("/") + _TOKEN_PATH for issuer in issuers if issuer), _TOKEN_PATH)


def _ways_through(permission: Any, view: Any) -> _Ways:
    if isinstance(permission, AND):
        return _combine(_ways_through(side, view) for side in _sides(permission))
    if isinstance(permission, OR):
        known = [side for side in _sides(permission) if _concerns_machines(side)]
        return [way for side in known for way in _ways_through(side, view)] or _ANY_SCOPE
    if isinstance(permission, NOT) or not knows_machines(permission):
        return _ANY_SCOPE  # it asks for something else than scopes
    return _ways_by_scope(permission, view)


def _ways_by_scope(permission: Any, view: Any) -> _Ways:
    # Ours, or the toolkit's TokenHasScope family.
    read = getattr(permission, "get_required_scopes", getattr(permission, "get_scopes", None))
    if read is None:
        return _ANY_SCOPE
    scopes: Sequence[str] = read(view.request, view)
    if isinstance(permission, HasAnyRequiredScope):
        return [frozenset([scope]) for scope in scopes]
    return [frozenset(scopes)] if scopes else _NO_WAY


def _combine(sides: Iterable[_Ways]) -> _Ways:
    return [frozenset().union(*ways) for ways in product(*sides)]


def _keeps_machines_out(permission: Any) -> bool:
    # DRF keeps the operand of `~` as op1, which the stubs do not know.
    return isinstance(permission, NOT) and isinstance(vars(permission)["op1"], IsMachine)


def _concerns_machines(permission: Any) -> bool:
    if isinstance(permission, AND | OR):
        return any(map(_concerns_machines, _sides(permission)))
    return not isinstance(permission, NOT) and invites_machines(permission)


def _sides(permission: Any) -> tuple[Any, Any]:
    return permission.op1, permission.op2


def _list_scopes() -> set[str]:
    return {
        scope
        for view in find_protected_views()
        for scope in _flatten(getattr(view, "required_scopes", ()))
    }


def _flatten(rule: Any) -> Iterable[str]:
    if isinstance(rule, str):
        return rule.split()
    if isinstance(rule, dict):
        return [scope for names in rule.values() for scope in _flatten(names)]
    return list(rule or ())
