"""DRF permission classes for machines."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_cc.resource_server.access_token import AccessToken

if TYPE_CHECKING:
    # At run time rest_framework.views imports this module, by the name in its settings.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

UNMET_SCOPES = "django_cc_unmet_scopes"


class HasRequiredScopes(BasePermission):
    """Admits a machine whose token holds every scope the view requires.

    The view names them in `required_scopes`: a list for all requests, or a dict by action
    (`"list"`) or HTTP method (`"GET"`), the action first. A request whose action and method are
    not in the dict is refused (HEAD counts as GET). So is every request to a view that requires
    nothing, for that is a mistake: a view open to all machines says `machine_access = True`.

    Composes with `&`, `|` and `~`. At the top level or under `&` it invites machines: they then
    count as authenticated for the view's other permissions. Under `|` or `~` it lets a machine in
    by its scopes alone, and to the other permissions the machine stays a stranger.

    A subclass that overrides `has_permission` invites only if it says `enforces_scopes = True`
    again: what it decides is its own affair.
    """

    enforces_scopes = True

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the token suffices; where not, note the scopes for the challenge."""
        token = request.auth
        if not isinstance(token, AccessToken):
            return False
        required = get_required_scopes(request, view)
        if token.has_scopes(required):
            return True
        if not required:
            logger.error(
                "%s refuses %s: set required_scopes to the scopes it takes.",
                type(view).__name__,
                request.method,
            )
        setattr(request, UNMET_SCOPES, required)
        return False


def get_required_scopes(request: Request, view: Any) -> frozenset[str]:
    """Return the scopes that `view` requires of this request; empty where it names none."""
    required = getattr(view, "required_scopes", ())
    if isinstance(required, Mapping):
        action = getattr(view, "action", None)
        method = "GET" if request.method == "HEAD" else request.method
        required = required.get(action) or required.get(method) or ()
    if isinstance(required, str):
        required = required.split()
    return frozenset(required)
