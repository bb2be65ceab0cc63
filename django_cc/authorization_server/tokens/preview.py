"""Show what a token request would get, without one: nothing is signed, counted or recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.http import HttpRequest

from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.key_ring import NoSigningKeyError, find_signing_key
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import get_snapshot_of_now
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.content import decide_grant, make_claims
from django_cc.authorization_server.tokens.extra_claims import ExtraClaimsError, find_extra_claims
from django_cc.protocol.access_token.jwt import describe_header
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidClient, OAuthError, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.names import GrantType, Parameter
from django_cc.protocol.token_endpoint import TokenRequest

TOKEN_ID: Final = "(new for each token)"  # noqa: S105 - stands for a jti, and is none
_NOT_READY = (SnapshotTooOldError, NoSigningKeyError, EncryptionKeyError, ExtraClaimsError)


@dataclass(frozen=True, slots=True)
class TokenPreview:
    """What the token would say; its `jti` is `TOKEN_ID`.

    Attributes:
        header: of the JWT.
        claims: its payload.
        expires_in: how long it would live, in seconds.
    """

    header: Mapping[str, str]
    claims: Mapping[str, Any]
    expires_in: int


@dataclass(frozen=True, slots=True)
class PreviewedRefusal:
    """What the answer would be instead, and why."""

    error: str
    description: str
    reason: RefusalReason


def preview_token(
    client_id: str,
    *,
    scope: str = "",
    resource: str = "",
    request: HttpRequest | None = None,
    now: datetime,
) -> TokenPreview | PreviewedRefusal:
    """Return what `client_id` would get for these parameters, once it has proved who it is.

    By the grant and the claims of the token endpoint, as everything is at this moment. What
    depends on where and how often a client asks, its networks and its rate, is left out.

    Args:
        client_id: of a registered client.
        scope: as the parameter of that name; empty for a request without it.
        resource: likewise.
        request: for `EXTRA_CLAIMS`, which is asked with an empty one where there is none.
        now: aware UTC.
    """
    try:
        snapshot = get_snapshot_of_now()
        form = _make_form(scope, resource)
        client = _find_usable(client_id, snapshot, now=now)
        return _preview(form, client, snapshot, request or HttpRequest(), now=now)
    except OAuthError as refusal:
        return PreviewedRefusal(refusal.error, refusal.description, refusal.reason)
    except _NOT_READY:
        text = "The server cannot answer right now."
        return PreviewedRefusal("temporarily_unavailable", text, RefusalReason.SERVER_NOT_READY)


def _make_form(scope: str, resource: str) -> Form:
    parameters = {
        Parameter.GRANT_TYPE: GrantType.CLIENT_CREDENTIALS.value,
        Parameter.SCOPE: scope,
        Parameter.RESOURCE: resource,
    }
    return Form({name: [value] for name, value in parameters.items() if value})


def _find_usable(client_id: str, snapshot: Snapshot, *, now: datetime) -> Client:
    client = snapshot.find_client(client_id)
    if client is None:
        raise InvalidClient(reason=RefusalReason.UNKNOWN_CLIENT)
    obstacle = client.find_obstacle(now=now)
    if obstacle is not None:
        raise InvalidClient(reason=obstacle)
    return client


def _preview(
    form: Form, client: Client, snapshot: Snapshot, request: HttpRequest, *, now: datetime
) -> TokenPreview:
    grant = decide_grant(TokenRequest.from_form(form), client, snapshot, now=now)
    extra = partial(find_extra_claims, request=request)
    claims = make_claims(grant, token_id=TOKEN_ID, find_extra_claims=extra, now=now)
    header = describe_header(*find_signing_key(snapshot))
    return TokenPreview(header, claims.to_payload(), int(grant.lifetime.total_seconds()))
