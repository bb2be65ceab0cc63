"""The machine behind a request: what `request.user` is."""

from collections.abc import Iterable
from typing import Any

from django_cc.resource_server.access_token import AccessToken


class MachinePrincipal:
    """A machine client as Django and DRF see a user: no row, no password, equal to no user.

    `is_authenticated` is True only where the view invites machines. Everywhere else it is a
    stranger, so that `IsAuthenticated` on a view meant for people does not open to every client.
    """

    is_staff = False
    is_superuser = False

    email = ""

    def __init__(self, token: AccessToken, *, invited: bool) -> None:
        """Stand for the client of a verified token.

        Args:
            token: the token.
            invited: whether the view admits machines by its own rules.
        """
        self.token = token
        self._invited = invited

    @property
    def client_id(self) -> str:
        """The client's ID."""
        return self.token.client_id

    @property
    def pk(self) -> str:
        """A key no user's can equal: throttles and caches may tell machines apart by it."""
        return f"client:{self.client_id}"

    id = pk
    username = pk

    @property
    def is_authenticated(self) -> bool:
        """Whether it counts as authenticated in this view."""
        return self._invited

    @property
    def is_anonymous(self) -> bool:
        """The reverse of `is_authenticated`."""
        return not self.is_authenticated

    @property
    def is_active(self) -> bool:
        """The same as `is_authenticated`: a stranger is as inactive as Django's anonymous user."""
        return self.is_authenticated

    @property
    def groups(self) -> Any:
        """No groups, as a manager: what Django's anonymous user has."""
        from django.contrib.auth.models import AnonymousUser  # only where users are installed

        return AnonymousUser().groups

    user_permissions = groups

    def get_username(self) -> str:
        """Return the name for logs."""
        return self.pk

    get_full_name = get_username
    get_short_name = get_username

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Tell whether the scope of that very name is held (`"orders.view_order"`).

        Never where it is a stranger: a permission must not open what the view did not. Never of
        one object either, as with Django's own backend: a scope says nothing of it.
        """
        return perm in self.get_all_permissions(obj)

    def get_all_permissions(self, obj: object = None) -> set[str]:
        """Return the scopes, each of which may be asked for as a permission."""
        if obj is not None or not self.is_authenticated:
            return set()
        return set(self.token.claims.scope)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Tell whether every one is held."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Tell whether any scope begins with the label and a dot."""
        prefix = f"{app_label}."
        return self.is_authenticated and any(
            scope.startswith(prefix) for scope in self.token.claims.scope
        )

    async def ahas_perm(self, perm: str, obj: object = None) -> bool:
        """Do what `has_perm` does, as Django's users do; nothing is waited for."""
        return self.has_perm(perm, obj)

    async def ahas_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        """Do what `has_perms` does."""
        return self.has_perms(perm_list, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        """Do what `has_module_perms` does."""
        return self.has_module_perms(app_label)

    async def aget_all_permissions(self, obj: object = None) -> set[str]:
        """Do what `get_all_permissions` does."""
        return self.get_all_permissions(obj)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MachinePrincipal) and other.pk == self.pk

    def __hash__(self) -> int:
        return hash(self.pk)

    def __str__(self) -> str:
        return self.pk

    def __repr__(self) -> str:
        return f"<MachinePrincipal {self.pk}: no row of the user table>"
