"""Say whether a token is good, to those who may know (RFC 7662 §2.2, §4)."""

from datetime import datetime

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import verify_issued_token
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.introspection import describe_active_token, describe_inactive_token
from django_cc.resource_server.settings import get_settings as get_resource_server_settings


def introspect(
    token: str, caller: Client, snapshot: Snapshot, *, now: datetime
) -> dict[str, bool | str | int]:
    """Return the answer about `token`, active only if it lives and `caller` may know of it.

    It lives if it verifies, nobody revoked it, and its client is enabled, unexpired, of the same
    generation and still holds every scope. Its own client may know of it, and a client that may
    introspect for the API it is for; to anybody else it is as inactive as a forged one.

    Makes no query, unless the token is ahead of the snapshot.
    """
    try:
        claims = verify_issued_token(
            token,
            snapshot.get_verification_keys(now=now),
            issuer=get_settings().issuer,
            leeway=get_resource_server_settings().leeway,
            now=now,
        )
        _require_may_know(caller, claims)
        liveness.require_living(claims, snapshot, now=now)
    except InvalidToken:
        return describe_inactive_token()
    return describe_active_token(claims)


def _require_may_know(caller: Client, claims: AccessTokenClaims) -> None:
    if caller.client_id != claims.client_id and claims.audience not in caller.introspects:
        raise InvalidToken()
