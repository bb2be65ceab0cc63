"""Say which scopes a refused token request asked for in vain: for people who run the client."""

from collections.abc import Iterable, Mapping
from typing import Final

from django_cc.authorization_server.typed_secrets import holds_secret
from django_cc.protocol.client import Client
from django_cc.protocol.errors import ScopeNotGranted

_LONGEST_NAME: Final = 40
_LONGEST_LIST: Final = 70  # three of them fit in the detail of an event


def describe_refused_scope(
    refusal: ScopeNotGranted, client: Client, scopes_by_api: Mapping[str, frozenset[str]]
) -> str:
    """Return what was asked for, what of it the client does not hold, and what no API offers.

    One line of 255 characters at most. Names are what the scope grammar allows, which is
    printable ASCII; long ones are cut, and what holds a client secret is left out.
    """
    asked = frozenset(refusal.requested)
    apis = list(client.access) if refusal.audience is None else [refusal.audience]
    held = [frozenset(client.find_held_scope(api) or ()) for api in apis]
    missing = asked.difference(*held)
    offered = frozenset[str]().union(*scopes_by_api.values())
    unknown = missing - offered
    sentences = [f"Asked: {_list(asked)}."]
    if not missing:
        sentences.append("Held, but not at one API.")
    if missing - unknown:
        sentences.append(f"Not held: {_list(missing - unknown)}.")
    if unknown:
        sentences.append(f"Offered by no API: {_list(unknown)}.")
    return " ".join(sentences)


def _list(names: Iterable[str]) -> str:
    text = " ".join(map(_shorten, sorted(names)))
    return text if len(text) <= _LONGEST_LIST else f"{text[: _LONGEST_LIST - 1]}…"


def _shorten(name: str) -> str:
    if holds_secret(name):
        return "(a client secret)"
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
