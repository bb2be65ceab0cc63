"""What authentication asks of whoever can verify a token, and who that is."""

from datetime import datetime
from typing import Protocol

from django_cc.protocol.errors import InvalidToken
from django_cc.resource_server.access_token import AccessToken


class TokenVerifier(Protocol):
    """Verifies access tokens of one or more issuers."""

    def recognises(self, token: str) -> bool:
        """Tell whether `token` is a JWT that names an issuer of this verifier.

        It may be forged: this only says who has to judge it.
        """
        ...

    def find_default_audience(self) -> str | None:
        """Return the API of views that name none, or None when that would be a guess."""
        ...

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:
        """Return the verified token.

        Args:
            token: as it came in the header.
            audience: the identifier of the API it must be for.
            now: aware UTC time.

        Raises:
            InvalidToken: any check fails.
            TemporarilyUnavailable: it cannot be told right now.
        """
        ...


class NoVerifier:
    """Stands in where nobody was announced: refuses every token."""

    def recognises(self, token: str) -> bool:  # noqa: ARG002 - the port's signature
        """Know no issuer."""
        return False

    def find_default_audience(self) -> str | None:
        """Know no API."""
        return None

    def verify(self, token: str, *, audience: str, now: datetime) -> AccessToken:  # noqa: ARG002
        """Refuse.

        Raises:
            InvalidToken: always.
        """
        raise InvalidToken()


_in_use: TokenVerifier = NoVerifier()


def use(verifier: TokenVerifier) -> None:
    """Verify with `verifier` from now on; called when apps get ready."""
    global _in_use  # noqa: PLW0603 - announced once, at start-up
    _in_use = verifier


def get_verifier() -> TokenVerifier:
    """Return the verifier in use."""
    return _in_use
