"""Tell whether a token that verified still lives: what only the issuer knows."""

from datetime import datetime

from django_cc.authorization_server.snapshot.freshness import get_snapshot_of_now
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidToken, RefusalReason

_MOST_LOOKED_FOR = 1_000  # token IDs


class Liveness:
    """Judges by the snapshot, and looks again for a token that is ahead of it."""

    def __init__(self) -> None:
        """Know of no token that is ahead of the snapshot."""
        self._looked_for: dict[str, int] = {}

    def require_living(
        self, claims: AccessTokenClaims, snapshot: Snapshot, *, now: datetime
    ) -> Client:
        """Return the client of a verified token if it is still allowed what the token says.

        It must be enabled, unexpired and of the same generation, and hold every scope still, and
        nobody may have revoked the token.

        Raises:
            InvalidToken: any of it fails.
            SnapshotTooOldError: the database has been away for MAX_STALENESS_SECONDS.
        """
        if _may_be_newer(claims, snapshot) and not self._is_settled(claims, snapshot):
            snapshot = get_snapshot_of_now()
            self._settle(claims, snapshot)
        return _require_still_allowed(claims, snapshot, now=now)

    def _is_settled(self, claims: AccessTokenClaims, snapshot: Snapshot) -> bool:
        return self._looked_for.get(claims.token_id) == snapshot.revision

    def _settle(self, claims: AccessTokenClaims, snapshot: Snapshot) -> None:
        # Another look will not help before the next change: whoever holds the token of a deleted
        # client must not cause one with every request.
        if len(self._looked_for) >= _MOST_LOOKED_FOR:
            self._looked_for.clear()
        self._looked_for[claims.token_id] = snapshot.revision


liveness = Liveness()


def _may_be_newer(claims: AccessTokenClaims, snapshot: Snapshot) -> bool:
    # We signed it, for more than we know of: another process knew of a change before this one.
    client = snapshot.find_client(claims.client_id)
    if client is None or client.generation < (claims.generation or 0):
        return True
    return client.generation == claims.generation and not _holds_scope(claims, client)


def _holds_scope(claims: AccessTokenClaims, client: Client) -> bool:
    held = client.find_held_scope(claims.audience)
    return held is not None and held.covers(claims.scope)


def _require_still_allowed(
    claims: AccessTokenClaims, snapshot: Snapshot, *, now: datetime
) -> Client:
    client = snapshot.find_client(claims.client_id)
    if client is None:
        raise InvalidToken(reason=RefusalReason.UNKNOWN_CLIENT)
    is_revoked = (
        client.generation != claims.generation or claims.token_id in snapshot.revoked_tokens
    )
    reason = client.find_obstacle(now=now)
    if reason is None and is_revoked:
        reason = RefusalReason.REVOKED_TOKEN
    if reason is None and not _holds_scope(claims, client):
        reason = RefusalReason.SCOPE_NOT_GRANTED
    if reason is not None:
        raise InvalidToken(reason=reason, client_id=client.client_id)
    return client
