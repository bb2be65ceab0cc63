"""Who may do what in the console: Django's permissions by name, and whose clients one sees."""

from enum import StrEnum
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from django_cc.authorization_server.sight import Sight
from django_cc.models import MachineClient


class Right(StrEnum):
    """Codenames of the permissions of `django_cc`; no right reads a stored secret."""

    VIEW_CLIENT = "view_machineclient"
    REGISTER_CLIENT = "add_machineclient"
    EDIT_CLIENT = "change_machineclient"
    DELETE_CLIENT = "delete_machineclient"
    ACCESS_ALL_CLIENTS = "access_all_clients"
    DISABLE_CLIENT = "disable_client"
    ISSUE_CREDENTIAL = "issue_credential"
    REVOKE_CREDENTIAL = "revoke_credential"
    REVOKE_TOKENS = "revoke_tokens"
    GRANT_ACCESS = "grant_access"
    GRANT_RESTRICTED_SCOPE = "grant_restricted_scope"
    TEST_REQUEST = "test_request"
    VIEW_EVENTS = "view_auditevent"
    VIEW_DASHBOARD = "view_dashboard"
    VIEW_API = "view_api"
    ADD_API = "add_api"
    CHANGE_API = "change_api"
    DELETE_API = "delete_api"
    VIEW_SCOPE = "view_scope"
    VIEW_SIGNING_KEY = "view_signingkey"
    ROTATE_SIGNING_KEY = "rotate_signingkey"
    RETIRE_SIGNING_KEY = "retire_signingkey"


def may(user: AbstractBaseUser | AnonymousUser, right: Right) -> bool:
    """Tell whether `user` holds the right, alone or by a group."""
    held: bool = getattr(user, "has_perm", _refuse)(f"django_cc.{right}")
    return held


def select_visible(
    clients: "QuerySet[MachineClient]", user: AbstractBaseUser | AnonymousUser
) -> "QuerySet[MachineClient]":
    """Return those of `clients` that `user` sees: all by right, else one's own and one's groups'.

    Each page, list, filter, link and figure of the console begins with it.
    """
    if may(user, Right.ACCESS_ALL_CLIENTS):
        return clients
    own = Q(owner=user.pk)
    groups: Any = getattr(user, "groups", None)  # custom users may have none
    if groups is not None:
        own |= Q(owning_group__in=groups.values("pk"))
    return clients.filter(own)


def find_sight(user: AbstractBaseUser | AnonymousUser) -> Sight:
    """Return what `user` may see of the clients, as the server asks for it."""
    everything = may(user, Right.ACCESS_ALL_CLIENTS)
    return Sight(select_visible(MachineClient.objects.all(), user), everything=everything)


def _refuse(_permission: str) -> bool:
    return False
