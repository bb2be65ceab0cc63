"""Say which scopes a previewed token goes without, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django_cc.authorization_server.clients.access_setting import list_held_scopes
from django_cc.models import MachineClient


class Omission(StrEnum):
    """Why a scope is not in a token."""

    NOT_ASKED = "not_asked"
    OTHER_API = "other_api"
    NOT_HELD = "not_held"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scope that a token goes without.

    Attributes:
        scope: its name.
        why: why.
        api: what people call the API at which it is held; empty where it is not held.
    """

    scope: str
    why: Omission
    api: str = ""


def list_left_out(client: MachineClient, *, scope: str, audience: str) -> list[LeftOut]:
    """Return what `client` holds but does not get in a token of `scope` for the API `audience`."""
    given = scope.split()
    left = []
    for held in list_held_scopes(client):
        if held.api.identifier != audience:
            left.append(LeftOut(held.name, Omission.OTHER_API, held.api.name))
        elif held.name not in given:
            left.append(LeftOut(held.name, Omission.NOT_ASKED, held.api.name))
    return left


def list_not_held(client: MachineClient, asked: str) -> Sequence[LeftOut]:
    """Return the scopes that a request asks for, and `client` holds nowhere."""
    held = {scope.name for scope in list_held_scopes(client)}
    names = dict.fromkeys(asked.split())
    return [LeftOut(name, Omission.NOT_HELD) for name in names if name not in held]
