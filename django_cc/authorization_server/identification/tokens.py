"""Tell whether an access token is this server's, and whether it still lives."""

from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.freshness import get_snapshot_of_now
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import read_issued_token
from django_cc.protocol.errors import InvalidToken, RefusalReason
from django_cc.resource_server.settings import get_settings as get_resource_server_settings


@dataclass(frozen=True, slots=True)
class JudgedToken:
    """A token that this server signed.

    Attributes:
        claims: what it says.
        api_name: what people call the API that it is for.
        obstacle: why it lets nobody in any more, or None.
    """

    claims: AccessTokenClaims
    api_name: str
    obstacle: RefusalReason | None


def judge_token(token: str, *, now: datetime) -> JudgedToken:
    """Return what is known of a token, also of a dead one; `now` is aware UTC.

    Raises:
        InvalidToken: it is none of this server's, or its signing key is gone.
        SnapshotTooOldError: the database is away.
    """
    snapshot = get_snapshot_of_now()
    keys = snapshot.get_verification_keys(now=now)
    claims = read_issued_token(token, keys, issuer=get_settings().issuer)
    api_name = snapshot.api_names.get(claims.audience, claims.audience)
    return JudgedToken(claims, api_name, _find_obstacle(claims, snapshot, now=now))


def _find_obstacle(
    claims: AccessTokenClaims, snapshot: Snapshot, *, now: datetime
) -> RefusalReason | None:
    if claims.expires_at <= now - get_resource_server_settings().leeway:
        return RefusalReason.EXPIRED_TOKEN
    try:
        liveness.require_living(claims, snapshot, now=now)
    except InvalidToken as refusal:
        return refusal.reason
    return None
