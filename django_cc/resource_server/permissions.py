"""DRF permission classes for machines."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.named_rules import read_names_of_view

if TYPE_CHECKING:
    # At run time rest_framework.views imports this module, by the name in its settings.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

UNMET_SCOPES = "django_cc_unmet_scopes"  # where a request keeps what a token lacked


class MachinePermission(BasePermission):
    """What the permissions of machines have in common.

    They compose with `&`, `|` and `~`. At the top level or under `&` they invite machines, which
    then count as authenticated for the view's other permissions. Under `|` or `~` a machine may
    pass them, and stays a stranger to the others.

    A subclass that overrides `has_permission` invites only if it says `invites_machines = True`
    again: what it decides is its own affair.

    Attributes:
        invites_machines: whether the class lets in no one but machines that meet its rule.
        reads: the attribute of the view that holds the rule, if there is one.
    """

    invites_machines: ClassVar[bool] = False
    reads: ClassVar[str | None] = None

    def has_object_permission(self, request: Request, view: "APIView", obj: object) -> bool:  # noqa: ARG002 - DRF's signature
        """Decide at the object as at the view, so that `~` means the same at both."""
        return self.has_permission(request, view)


class ScopePermission(MachinePermission):
    """Decides by the scopes of the token; what the two classes below have in common."""

    invites_machines = True
    reads = "required_scopes"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the token suffices; where not, note the scopes for the challenge."""
        token = request.auth
        if not isinstance(token, AccessToken):
            return False
        required = self.get_required_scopes(request, view)
        if not required:
            _report_missing_rule(view, request, "required_scopes to the scopes it takes")
        elif self.is_met(token, required):
            return True
        setattr(request, UNMET_SCOPES, self.choose_scopes_to_ask_for(required))
        return False

    def get_required_scopes(self, request: Request, view: "APIView") -> Sequence[str]:
        """Return the scopes of this request; override it to find them elsewhere."""
        return read_names_of_view(view, "required_scopes", request.method or "")

    def is_met(self, token: AccessToken, required: Sequence[str]) -> bool:  # noqa: ARG002
        """Tell whether `token` holds enough of `required`, which names at least one scope.

        Never, where a subclass does not say when.
        """
        return False

    def choose_scopes_to_ask_for(self, required: Sequence[str]) -> Sequence[str]:
        """Return what the challenge tells a client to ask for."""
        return required


class HasRequiredScopes(ScopePermission):
    """Admits a machine whose token holds every scope the view requires.

    The view names them in `required_scopes`: a list for all requests, or a dict by action
    (`"list"`) or HTTP method (`"GET"`), the action first. A request whose action and method are
    not in the dict is refused; HEAD and OPTIONS count as GET unless they are. So is every request
    to a view that requires nothing, for that is a mistake: a view open to every machine of its
    API says `IsMachine`.

    See `MachinePermission` for `&`, `|`, `~` and subclasses.
    """

    def is_met(self, token: AccessToken, required: Sequence[str]) -> bool:
        """Tell whether it holds all of them."""
        return token.has_scopes(required)


class HasAnyRequiredScope(ScopePermission):
    """Admits a machine whose token holds one of the scopes in the view's `required_scopes`.

    All else is as with `HasRequiredScopes`. The challenge asks for the first of them: begin with
    the one that allows least.
    """

    def is_met(self, token: AccessToken, required: Sequence[str]) -> bool:
        """Tell whether it holds any of them."""
        return any(token.has_scopes([scope]) for scope in required)

    def choose_scopes_to_ask_for(self, required: Sequence[str]) -> Sequence[str]:
        """Return the first: each suffices, and a client should ask for no more than it needs."""
        return required[:1]


class IsMachine(MachinePermission):
    """Admits every machine of the view's API, whatever its scopes, and no person.

    The words for "any scope will do". Beside `HasRequiredScopes` it adds nothing; `~IsMachine`
    keeps machines out of what is open to everybody else.
    """

    invites_machines = True

    def has_permission(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002 - DRF's
        """Tell whether a verified access token came with the request."""
        return isinstance(request.auth, AccessToken)


class IsAllowedClient(MachinePermission):
    """Admits the clients that the view names in `allowed_clients`, by client ID.

    A list, or a dict as for `required_scopes`. Whatever their scopes: list `HasRequiredScopes`
    too where they shall need some. A view that names nobody admits nobody.

    A client ID means what its issuer says: with several issuers, each may have one of that ID.
    """

    invites_machines = True
    reads = "allowed_clients"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the token was issued to one of them."""
        token = request.auth
        if not isinstance(token, AccessToken):
            return False
        allowed = self.get_allowed_clients(request, view)
        if token.client_id in allowed:
            return True
        if not allowed:
            _report_missing_rule(view, request, "allowed_clients to the client IDs it lets in")
        setattr(request, UNMET_SCOPES, ())  # no scope would help
        return False

    def get_allowed_clients(self, request: Request, view: "APIView") -> Sequence[str]:
        """Return the client IDs of this request; override it to find them elsewhere."""
        return read_names_of_view(view, "allowed_clients", request.method or "")


def _report_missing_rule(view: Any, request: Request, cure: str) -> None:
    logger.error("%s refuses %s: set %s.", type(view).__name__, request.method, cure)
