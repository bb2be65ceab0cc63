"""The APIs a project names in `DJANGO_CC["APIS"]`: shape and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django_cc import conf
from django_cc.protocol.resource_indicator import is_absolute_uri
from django_cc.protocol.scope import is_scope_token
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME, SHORTEST_TOKEN_LIFETIME

_KEYS = frozenset({"name", "scopes", "token_lifetime"})
_SCOPE_KEYS = frozenset({"description", "restricted"})
_MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class ConfiguredScope:
    """One scope of a configured API.

    Attributes:
        description: what it allows, for people.
        restricted: whether it takes a right of its own to give it to a client.
    """

    description: str
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class ConfiguredAPI:
    """One API of the setting.

    Attributes:
        identifier: its audience, an absolute URI.
        name: for people.
        scopes: each scope by its name.
        token_lifetime: how long tokens for it live; None for `TOKEN_LIFETIME`.
    """

    identifier: str
    name: str
    scopes: Mapping[str, ConfiguredScope]
    token_lifetime: timedelta | None = None


def read_apis(value: object) -> Sequence[ConfiguredAPI]:
    """Read `{identifier: {"name": …, "scopes": {scope: description}, "token_lifetime": …}}`.

    Instead of its description a scope may have `{"description": …, "restricted": True}`.

    Raises:
        ImproperlyConfigured: another shape; the message names the entry.
    """
    if not isinstance(value, Mapping):
        raise conf.refuse("APIS", "must be a dict from API identifiers to their descriptions.")
    return [_read_api(identifier, entry) for identifier, entry in value.items()]


def _read_api(identifier: object, entry: object) -> ConfiguredAPI:
    if not isinstance(identifier, str) or not is_absolute_uri(identifier):
        raise conf.refuse(
            "APIS", f"has the identifier {identifier!r}: it must be an absolute URI, no fragment."
        )
    if len(identifier) > _MAX_TEXT:
        raise conf.refuse("APIS", f"has an identifier longer than {_MAX_TEXT} characters.")
    if not isinstance(entry, Mapping) or not entry.keys() <= _KEYS:
        raise conf.refuse(
            "APIS", f"must describe {identifier} by a dict of name, scopes and token_lifetime."
        )
    scopes = entry.get("scopes", {})
    if not isinstance(scopes, Mapping):
        raise conf.refuse("APIS", f"must give {identifier} scopes as a dict of descriptions.")
    name = entry.get("name") or identifier
    if not _is_short_text(name):
        raise conf.refuse(
            "APIS", f"must give {identifier} a name of at most {_MAX_TEXT} characters."
        )
    read = {scope: _read_scope(identifier, scope, value) for scope, value in scopes.items()}
    lifetime = _read_token_lifetime(identifier, entry.get("token_lifetime"))
    return ConfiguredAPI(identifier, name, read, lifetime)


def _read_scope(identifier: str, scope: object, value: object) -> ConfiguredScope:
    if not isinstance(scope, str) or len(scope) > _MAX_TEXT or not is_scope_token(scope):
        raise conf.refuse(
            "APIS", f"has at {identifier} the scope {scope!r}: use printable ASCII, no spaces."
        )
    entry = {"description": value} if isinstance(value, str) else value
    if not isinstance(entry, Mapping) or not entry.keys() <= _SCOPE_KEYS:
        raise conf.refuse(
            "APIS",
            f"must give {identifier} the scope {scope} as its description, or as a dict of "
            "description and restricted.",
        )
    description, restricted = entry.get("description", ""), entry.get("restricted", False)
    if not _is_short_text(description) or not isinstance(restricted, bool):
        raise conf.refuse(
            "APIS",
            f"must give {identifier} the scope {scope} with a description of at most {_MAX_TEXT} "
            "characters, and restricted as True or False.",
        )
    return ConfiguredScope(description, restricted)


def _read_token_lifetime(identifier: str, value: object) -> timedelta | None:
    if value is None:
        return None
    return conf.seconds(
        f'APIS"]["{identifier}"]["token_lifetime',
        value,
        least=int(SHORTEST_TOKEN_LIFETIME.total_seconds()),
        most=int(LONGEST_TOKEN_LIFETIME.total_seconds()),
    )


def _is_short_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_TEXT
