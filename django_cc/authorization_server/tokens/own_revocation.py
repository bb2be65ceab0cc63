"""Let a client revoke a token of its own (RFC 7009 §2.1)."""

from datetime import datetime

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.revocation import is_token_id, revoke_token
from django_cc.models import MachineClient
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import verify_issued_token
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidToken
from django_cc.resource_server.settings import get_settings as get_resource_server_settings


def revoke_own_token(
    token: str, client: Client, snapshot: Snapshot, *, address: str | None, now: datetime
) -> None:
    """Kill `token` at once in this process, and within `PROPAGATION_SECONDS` in the others.

    Nothing happens where it is none of ours, another client's, expired, or revoked already: to
    the caller all is as it wanted. Only what we signed is stored, and only until it expires, so
    nobody can make the list of revoked tokens grow beyond the tokens that live.

    Args:
        token: as it was sent.
        client: who is authenticated.
        snapshot: what is known.
        address: where the request came from, for the audit trail.
        now: aware UTC.

    Raises:
        OperationalError: the database is away; the token lives on.
    """
    try:
        claims = _verify(token, snapshot, now=now)
    except InvalidToken:
        return
    if claims.client_id != client.client_id or claims.token_id in snapshot.revoked_tokens:
        return
    if not is_token_id(claims.token_id):  # of somebody else who signs by the same key
        return
    rows = MachineClient.objects.select_related("application")
    row = rows.filter(application__client_id=client.client_id).first()
    actor = Actor.for_client(client.client_id, address=address)
    revoke_token(claims.token_id, actor, expires_at=claims.expires_at, client=row)


def _verify(token: str, snapshot: Snapshot, *, now: datetime) -> AccessTokenClaims:
    return verify_issued_token(
        token,
        snapshot.get_verification_keys(now=now),
        issuer=get_settings().issuer,
        leeway=get_resource_server_settings().leeway,
        now=now,
    )
