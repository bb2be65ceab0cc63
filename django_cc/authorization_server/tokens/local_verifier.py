"""Verify our own tokens in the project that issued them: the strategy `local`."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.current import SnapshotTooOldError
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_verification
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.protocol.access_token.jwt import Expectation, verify_access_token
from django_cc.protocol.errors import TemporarilyUnavailable
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.settings import get_settings as get_resource_server_settings

_Answer = TypeVar("_Answer")


class LocalVerifier:
    """Checks signature and claims, and what only the issuer knows: is the client still allowed?

    A warm verification makes no query.
    """

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
        self._ask(lambda: liveness.require_living(claims, snapshot, now=now))
        return AccessToken(claims, expected.leeway)

    @staticmethod
    def _ask(ask: Callable[[], _Answer]) -> _Answer:
        try:
            return ask()
        except SnapshotTooOldError:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.") from None
