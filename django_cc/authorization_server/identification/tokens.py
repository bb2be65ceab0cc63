"""Tell whether an access token is this server's, and whether it still lives."""

from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.freshness import get_snapshot_of_now
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.models import SigningKey
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import read_issued_token, read_unverified_token
from django_cc.protocol.errors import InvalidToken, RefusalReason
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID
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


def find_discarded_key(token: str) -> tuple[SigningKey, AccessTokenClaims]:
    """Return the retired key that signed a token, and what the token says.

    The public halves of retired keys are kept, to tell people about a token by them and never to
    let one in.

    Raises:
        InvalidToken: it names no retired key of this server, or is not signed with it.
    """
    read = read_unverified_token(token)
    if read is None or read.kid is None:
        raise InvalidToken()
    retired = SigningKey.objects.using(get_database()).filter(state=SigningKey.State.RETIRED)
    key = retired.filter(kid=read.kid).defer("encrypted_private_key").first()
    if key is None:
        raise InvalidToken()
    try:
        keys = {KeyID(key.kid): PublicKey.from_jwk(key.public_jwk)}
    except (ValueError, AttributeError):  # altered by hand
        raise InvalidToken() from None
    return key, read_issued_token(token, keys, issuer=get_settings().issuer)


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
