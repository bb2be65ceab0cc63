"""How an API checks the tokens that are for it: what to set, and code to copy."""

import json
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.settings import get_settings
from django_cc.models import API

_SNIPPETS = (
    ("checking_django", _("Django REST framework")),
    ("checking_views", _("Django, plain views")),
    ("checking_fastapi", _("FastAPI, with PyJWT")),
    ("checking_node", _("Node, with jose")),
)


@dataclass(frozen=True, slots=True)
class CheckingSnippet:
    """Code of an API; there is nothing secret in it."""

    name: str
    title: str | Promise
    text: str


@dataclass(frozen=True, slots=True)
class TokenChecking:
    """What the side panel of an API shows."""

    issuer: str
    jwks_url: str
    audience: str
    snippets: list[CheckingSnippet]


def describe_checking(api: API) -> TokenChecking:
    """Return what an API's developer needs to know."""
    settings = get_settings()
    jwks_url = endpoint_url("jwks")
    scopes = [scope.name for scope in api.scopes.all()] or ["example:read"]
    quoted = {
        "issuer": json.dumps(settings.issuer),
        "jwks_url": json.dumps(jwks_url),
        "audience": json.dumps(api.identifier),
        "algorithm": json.dumps(settings.signing_algorithm),
        "scope": json.dumps(min(scopes)),
    }
    snippets = [
        CheckingSnippet(name.replace("_", "-"), title, _render_plain(name, quoted))
        for name, title in _SNIPPETS
    ]
    return TokenChecking(settings.issuer, jwks_url, api.identifier, snippets)


def _render_plain(name: str, quoted: dict[str, str]) -> str:
    # Joined to a plain str: what a template renders is marked safe, and would go into the page
    # unescaped.
    return "".join(render_to_string(f"django_cc/snippets/{name}.txt", {"quoted": quoted}))
