"""Say which scopes a previewed token goes without, and why."""

from dataclasses import dataclass

from django.utils.translation import gettext

from django_cc.authorization_server.clients.access_setting import list_held_scopes
from django_cc.authorization_server.tokens.preview import PreviewedRefusal, TokenPreview
from django_cc.models import MachineClient, Scope


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scope by its name, and in words why the token goes without it."""

    scope: str
    why: str


def list_left_out(
    client: MachineClient, asked: str, preview: TokenPreview | PreviewedRefusal
) -> list[LeftOut]:
    """Return what `client` holds and is not given, or what keeps it from being given anything.

    Args:
        client: whose token was previewed.
        asked: the parameter scope of the request; empty for a request without it.
        preview: what the request would get.
    """
    held = list_held_scopes(client)
    if isinstance(preview, PreviewedRefusal):
        return _list_not_held(held, asked)
    given, audience = str(preview.claims["scope"]).split(), preview.claims["aud"]
    return [
        LeftOut(scope.name, _explain(scope, audience))
        for scope in held
        if scope.api.identifier != audience or scope.name not in given
    ]


def _explain(scope: Scope, audience: str) -> str:
    if scope.api.identifier == audience:
        return gettext("it was not asked for")
    return gettext("it is held at %(api)s, and a token is for one API") % {"api": scope.api.name}


def _list_not_held(held: list[Scope], asked: str) -> list[LeftOut]:
    names = {scope.name for scope in held}
    why = gettext("the client does not hold it, and a request gets every scope it names, or none")
    return [LeftOut(name, why) for name in dict.fromkeys(asked.split()) if name not in names]
