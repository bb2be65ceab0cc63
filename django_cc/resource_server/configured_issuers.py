"""Read the issuers of `DJANGO_CC`: `ISSUER` with `AUDIENCE`, and the list `ISSUERS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from django_cc import conf
from django_cc.protocol.issuer_identifier import require_issuer_identifier
from django_cc.protocol.resource_indicator import is_absolute_uri
from django_cc.resource_server.verification import strategies
from django_cc.resource_server.verification.issuer_settings import IssuerSettings

_AUDIENCE_HINT = (
    "the identifier of this project's API as the authorization server knows it, such as "
    '"https://api.example.com", or a list of several.'
)
_OF_INTROSPECTION = ("introspection_endpoint", "client_id", "client_secret")
_KEYS = ("issuer", "audience", "verification", "jwks_uri", *_OF_INTROSPECTION)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a description of an issuer stands in the settings."""

    values: Mapping[str, Any]
    name_key: Callable[[str], str]

    def refuse(self, name: str, problem: str) -> ImproperlyConfigured:
        return conf.refuse(self.name_key(name), problem)


def read_issuers(
    issuer: object, audience: object, issuers: object, **bounds: Any
) -> tuple[IssuerSettings, ...]:
    """Return every issuer that is trusted, that of `ISSUER` first.

    Args:
        issuer: `ISSUER`; where the authorization server is installed, itself.
        audience: `AUDIENCE`, of which APIs the tokens of `ISSUER` may be.
        issuers: `ISSUERS`.
        **bounds: what holds for each of them, fields of `IssuerSettings`.

    Raises:
        ImproperlyConfigured: something is missing or wrong; the message names its key and says
            what to do.
    """
    found = tuple(_read_issuer(source, bounds) for source in _list(issuer, audience, issuers))
    names = [one.issuer for one in found]
    if not names and not _is_issuing():
        problem = "is required: the URL of the authorization server whose tokens are accepted."
        raise conf.refuse("ISSUER", problem)
    if len(set(names)) != len(names):
        raise conf.refuse("ISSUERS", "names an issuer twice, or the one of ISSUER again.")
    return found


def _list(issuer: object, audience: object, issuers: object) -> list[_Source]:
    if not isinstance(issuers, list | tuple):
        raise conf.refuse("ISSUERS", "must be a list of dicts.")
    sources = []
    if issuer is not None:
        own = {"issuer": issuer, "audience": audience}
        sources.append(_Source(own, str.upper))
    elif audience is not None:
        raise conf.refuse("AUDIENCE", "goes with ISSUER; in ISSUERS each entry has an audience.")
    sources += [_read_entry(index, entry) for index, entry in enumerate(issuers)]
    return sources


def _read_entry(index: int, entry: object) -> _Source:
    if not isinstance(entry, Mapping) or not entry.keys() <= set(_KEYS):
        known = ", ".join(_KEYS)
        raise conf.refuse("ISSUERS", f"entry {index} must be a dict with keys among: {known}.")
    return _Source(entry, lambda name: f'ISSUERS"][{index}]["{name}')


def _read_issuer(source: _Source, bounds: Mapping[str, Any]) -> IssuerSettings:
    verification = _read_verification(source)
    issuer = _read_identifier(source, verification)
    _require_fitting_keys(source, verification)
    return IssuerSettings(
        issuer,
        _read_audience(source, verification),
        verification,
        jwks_uri=_read_url(source, "jwks_uri", issuer),
        introspection_endpoint=_read_url(source, "introspection_endpoint", issuer),
        client_id=source.values.get("client_id"),
        client_secret=source.values.get("client_secret"),
        **bounds,
    )


def _read_identifier(source: _Source, verification: str) -> str:
    if verification == strategies.LOCAL:  # the authorization server's own settings refuse it
        return str(source.values.get("issuer"))
    try:
        return require_issuer_identifier(source.values.get("issuer"))
    except ValueError as problem:
        raise source.refuse("issuer", str(problem)) from None


def _read_verification(source: _Source) -> str:
    names = strategies.list_names()
    # ISSUER is the project itself where it has the authorization server; ISSUERS are others.
    is_own = _is_issuing() and source.name_key("issuer") == "ISSUER"
    verification = source.values.get("verification", strategies.LOCAL if is_own else strategies.JWT)
    if verification not in names:
        raise source.refuse("verification", f"must be one of: {', '.join(names)}.")
    if verification == strategies.LOCAL and not is_own:
        raise source.refuse("verification", "can be local for the issuer of ISSUER alone.")
    return str(verification)


def _read_audience(source: _Source, verification: str) -> tuple[str, ...]:
    audience = source.values.get("audience")
    if verification == strategies.LOCAL:
        if audience is not None:
            problem = "has no use here: this project issues the tokens, and its APIs are in APIS."
            raise source.refuse("audience", problem)
        return ()
    several = [audience] if isinstance(audience, str) else audience
    if not isinstance(several, list | tuple) or not several:
        raise source.refuse("audience", f"is required: {_AUDIENCE_HINT}")
    for identifier in several:
        if not isinstance(identifier, str) or not is_absolute_uri(identifier):
            problem = f"holds {identifier!r}, which is no absolute URI: it must be {_AUDIENCE_HINT}"
            raise source.refuse("audience", problem)
    return tuple(dict.fromkeys(several))


def _require_fitting_keys(source: _Source, verification: str) -> None:
    if verification != strategies.INTROSPECTION:
        for name in _OF_INTROSPECTION:
            if source.values.get(name) is not None:
                raise source.refuse(name, 'has no use without "verification": "introspection".')
        return
    client_id, secret = source.values.get("client_id"), source.values.get("client_secret")
    if not isinstance(client_id, str) or not client_id:
        problem = "is required: a machine client that may introspect for the API."
        raise source.refuse("client_id", problem)
    if not callable(secret) and not (isinstance(secret, str) and secret):
        problem = "is required: text, or a function that returns it. Do not write it into the code."
        raise source.refuse("client_secret", problem)


def _is_issuing() -> bool:
    return strategies.LOCAL in strategies.list_names()


def _read_url(source: _Source, name: str, issuer: str) -> str | None:
    url = source.values.get(name)
    if url is None:
        return None
    if not isinstance(url, str) or not is_absolute_uri(url):
        raise source.refuse(name, "must be a URL.")
    if not url.startswith("https://") and not issuer.startswith("http://"):
        raise source.refuse(name, "must start with https://, as its issuer does.")
    return url
