"""The client credentials grant: what an authenticated client gets (RFC 6749 §4.4).

One rule decides scope and audience, all or nothing, and a token is for one API:

1. `resource` given: that API; its scope is the one asked for, else all the client holds there.
2. `scope` alone: the one API at which the client holds all of it; if several, its default API.
3. Neither: its default API, else the only one it has access to, with all it holds there.

The server's own API, whose identifier is the issuer, is reached by naming it as `resource` alone.

Anything else is refused; nothing is narrowed in silence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidScope, RefusalReason, ScopeNotGranted
from django_cc.protocol.resource_indicator import refuse_target
from django_cc.protocol.scope import Scope
from django_cc.protocol.token_endpoint import TokenRequest
from django_cc.protocol.token_lifetime import TokenLifetimes


@dataclass(frozen=True, slots=True)
class Grant:
    """What one access token will say: who may do what, where, and for how long."""

    client: Client
    audience: str
    scope: Scope
    lifetime: timedelta


def grant_client_credentials(
    request: TokenRequest, client: Client, lifetimes: TokenLifetimes, *, now: datetime
) -> Grant:
    """Return what the authenticated `client` is granted at `now` (aware UTC).

    Raises:
        InvalidTarget: no access to the API asked for.
        InvalidScope: a scope is unknown or not granted, or no single API follows from it.
        InvalidClient: the client comes to its end within this second.
    """
    if request.resource is not None:
        audience = _require_access(client, request.resource)
    elif request.scope is not None:
        audience = _infer_audience(client, request.scope)
    else:
        audience = _default_audience(client)
    scope = _require_scope(client, audience, request.scope)
    return Grant(client, audience, scope, lifetimes.decide(client, audience, now=now))


def _require_access(client: Client, resource: str) -> str:
    if client.find_held_scope(resource) is None:
        raise refuse_target()
    return resource


def _infer_audience(client: Client, scope: Scope) -> str:
    # RFC 9068 §3: the server SHOULD infer the audience from the scope, and must not issue a
    # token whose scope is ambiguous between APIs.
    candidates = [audience for audience, held in client.access.items() if held.covers(scope)]
    if not candidates:
        raise ScopeNotGranted(scope, audience=None)
    return _only_or_default(candidates, client)


def _default_audience(client: Client) -> str:
    default = client.default_audience
    if default is not None and default in client.access:
        return default
    if not client.access:
        raise InvalidScope(
            "This client has no access to any API yet.", reason=RefusalReason.API_NOT_GRANTED
        )
    return _only_or_default(list(client.access), client)


def _only_or_default(candidates: list[str], client: Client) -> str:
    if len(candidates) == 1:
        return candidates[0]
    if client.default_audience in candidates:
        return client.default_audience
    raise InvalidScope(
        "Several APIs fit: name one with the parameter resource.",
        reason=RefusalReason.SCOPE_AMBIGUOUS,
    )


def _require_scope(client: Client, audience: str, requested: Scope | None) -> Scope:
    held = client.find_held_scope(audience) or Scope()
    if requested is None:
        return held
    if not held.covers(requested):
        raise ScopeNotGranted(requested, audience=audience)
    return requested
