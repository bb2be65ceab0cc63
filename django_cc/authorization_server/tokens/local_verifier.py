"""Verify our own tokens in the project that issued them: the strategy `local`."""

from collections.abc import Callable
from datetime import datetime

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import (
    get_snapshot_for_verification,
    get_snapshot_of_now,
)
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.access_token.jwt import Expectation, verify_access_token
from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidToken, RefusalReason, TemporarilyUnavailable
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.settings import get_settings as get_resource_server_settings

_MOST_LOOKED_FOR = 1_000  # token IDs


class LocalVerifier:
    """Checks signature and claims, and what only the issuer knows: is the client still allowed?

    A warm verification makes no query.
    """

    def __init__(self) -> None:
        """Know of no token that is ahead of the snapshot."""
        self._looked_for: dict[str, int] = {}

    def is_issuer(self, issuer: str) -> bool:
        """Tell whether `issuer` is this server."""
        return issuer == get_settings().issuer

    def find_default_audience(self) -> str | None:
        """Return the project's only API, or None when it has none or several."""
        configured = get_settings().apis
        identifiers = configured or self._ask(get_snapshot_for_verification).scopes_by_api
        return next(iter(identifiers)) if len(identifiers) == 1 else None

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:
        """Return the verified token.

        Its client must be enabled, unexpired and of the same generation, and hold every scope
        still.

        Raises:
            InvalidToken: any check fails.
            TemporarilyUnavailable: the database has been away for MAX_STALENESS_SECONDS.
        """
        snapshot = self._ask(get_snapshot_for_verification)
        expected = Expectation(
            issuer=get_settings().issuer,
            audience=audience,
            leeway=get_resource_server_settings().leeway,
        )
        keys = snapshot.get_verification_keys(now=now)
        claims = verify_access_token(token, keys, expected, now=now)
        if _may_be_newer(claims, snapshot) and not self._is_settled(claims, snapshot):
            snapshot = self._ask(get_snapshot_of_now)
            self._settle(claims, snapshot)
        _require_still_allowed(claims, snapshot, now=now)
        return AccessToken(claims, expected.leeway)

    def _is_settled(self, claims: AccessTokenClaims, snapshot: Snapshot) -> bool:
        return self._looked_for.get(claims.token_id) == snapshot.revision

    def _settle(self, claims: AccessTokenClaims, snapshot: Snapshot) -> None:
        # Another look will not help before the next change: whoever holds the token of a deleted
        # client must not cause one with every request.
        if len(self._looked_for) >= _MOST_LOOKED_FOR:
            self._looked_for.clear()
        self._looked_for[claims.token_id] = snapshot.revision

    @staticmethod
    def _ask(get_snapshot: Callable[[], Snapshot]) -> Snapshot:
        try:
            return get_snapshot()
        except SnapshotTooOldError:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.") from None


def _may_be_newer(claims: AccessTokenClaims, snapshot: Snapshot) -> bool:
    # We signed it, for more than we know of: another process knew of a change before this one.
    client = snapshot.find_client(claims.client_id)
    if client is None or client.generation < (claims.generation or 0):
        return True
    return client.generation == claims.generation and not _holds_scope(claims, client)


def _holds_scope(claims: AccessTokenClaims, client: Client) -> bool:
    held = client.access.get(claims.audience)
    return held is not None and held.covers(claims.scope)


def _require_still_allowed(claims: AccessTokenClaims, snapshot: Snapshot, *, now: datetime) -> None:
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
