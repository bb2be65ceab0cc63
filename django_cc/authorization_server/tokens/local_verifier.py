"""Verify our own tokens in the project that issued them: the strategy `local`."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.errors import TemporarilyUnavailable
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID

_Answer = TypeVar("_Answer")


class LocalIssuer:
    """This server, seen by the APIs of its own project: keys and clients are in the snapshot.

    What only the issuer knows is asked at each use of a token: is its client still allowed what
    the token says? Warm, that makes no query.
    """

    def get_audiences(self) -> Collection[str]:
        """Return the project's APIs: those of the setting, else those of the database."""
        return get_settings().apis or self._get_snapshot().scopes_by_api

    def vouches_for(self, audience: str) -> bool:  # noqa: ARG002 - the port's signature
        """Say yes to every API: a token is for the one it names, and made by us for that one."""
        return True

    def find_key(self, kid: KeyID, *, now: datetime) -> PublicKey | None:
        """Return the key of that ID, or None where none of ours verifies by it.

        Raises:
            TemporarilyUnavailable: the database has been away for MAX_STALENESS_SECONDS.
        """
        return self._get_snapshot().get_verification_keys(now=now).get(kid)

    def confirm(self, token: str, claims: AccessTokenClaims, *, now: datetime) -> AccessTokenClaims:  # noqa: ARG002 - the port's signature
        """Return the claims of a token whose client is still allowed them.

        It must be enabled, unexpired and of the same generation, and hold every scope still.

        Raises:
            InvalidToken: it is not, or the token was revoked.
            TemporarilyUnavailable: the database has been away for MAX_STALENESS_SECONDS.
        """
        snapshot = self._get_snapshot()
        self._ask(lambda: liveness.require_living(claims, snapshot, now=now))
        return claims

    def _get_snapshot(self) -> Snapshot:
        return self._ask(get_snapshot_for_verification)

    @staticmethod
    def _ask(ask: Callable[[], _Answer]) -> _Answer:
        try:
            return ask()
        except SnapshotTooOldError:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.") from None
