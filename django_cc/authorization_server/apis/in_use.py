"""Keep what machine clients use from being deleted."""

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from django_cc.models import API, MachineClient, Scope

MOST_NAMED = 5


class InUseError(ValidationError):
    """Machine clients use it; the message names some of all there are.

    Attributes:
        users: the clients.
    """

    def __init__(self, problem: str, users: "QuerySet[MachineClient]") -> None:
        """Say it in words, and keep who uses it for whoever may not name them all."""
        super().__init__(problem)
        self.users = users


def require_unused_api(api: API) -> None:
    """Return if no client holds a scope of a locked API, has it as default, or introspects for it.

    Raises:
        InUseError: some do; says how many, which, and what to do.
    """
    users = find_users_of_api(api)
    count = users.count()
    if count:
        problem = ngettext(
            "%(count)d machine client uses the API “%(api)s”: %(clients)s. First take its scopes "
            "away (cc_access revoke), its default API (cc_client update --no-default-api), and its "
            "leave to introspect (cc_api deny-introspection).",
            "%(count)d machine clients use the API “%(api)s”: %(clients)s. First take their scopes "
            "away (cc_access revoke), their default API (cc_client update --no-default-api), and "
            "their leave to introspect (cc_api deny-introspection).",
            count,
        )
        names = {"count": count, "api": api.identifier, "clients": _list_some(users, count)}
        raise InUseError(problem % names, users)


def require_unused_scope(scope: Scope) -> None:
    """Return if no client holds a scope of a locked API.

    Raises:
        InUseError: some do; says how many, which, and what to do.
    """
    users = find_holders(scope)
    count = users.count()
    if count:
        problem = ngettext(
            "%(count)d machine client holds the scope “%(scope)s”: %(clients)s. First take it away "
            "(cc_access revoke).",
            "%(count)d machine clients hold the scope “%(scope)s”: %(clients)s. First take it away "
            "(cc_access revoke).",
            count,
        )
        names = {"count": count, "scope": scope.name, "clients": _list_some(users, count)}
        raise InUseError(problem % names, users)


def find_users_of_api(api: API) -> "QuerySet[MachineClient]":
    """Return the clients that keep an API from being deleted."""
    return _find_clients(Q(access__scope__api=api) | Q(default_api=api) | Q(introspects__api=api))


def find_holders(scope: Scope) -> "QuerySet[MachineClient]":
    """Return the clients that hold a scope."""
    return _find_clients(Q(access__scope=scope))


def _find_clients(condition: Q) -> "QuerySet[MachineClient]":
    using = MachineClient.objects.filter(condition).values("pk")
    return MachineClient.objects.filter(pk__in=using)


def _list_some(clients: "QuerySet[MachineClient]", count: int) -> str:
    ids = clients.order_by("name", "pk").values_list("application__client_id", flat=True)
    return ", ".join(ids[:MOST_NAMED]) + (", …" if count > MOST_NAMED else "")
