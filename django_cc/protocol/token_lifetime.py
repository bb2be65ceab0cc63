"""How long an access token lives (RFC 6750 §5.3: issue short-lived tokens)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django_cc.protocol.client import Client
from django_cc.protocol.errors import InvalidClient, RefusalReason

SHORTEST_TOKEN_LIFETIME = timedelta(minutes=1)
LONGEST_TOKEN_LIFETIME = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """How long tokens live that are not of a client with a lifetime of its own.

    Attributes:
        default: where the API has none either.
        by_audience: of the APIs that have one, by identifier.
    """

    default: timedelta
    by_audience: Mapping[str, timedelta] = field(default_factory=dict)

    def decide(self, client: Client, audience: str, *, now: datetime) -> timedelta:
        """Return the lifetime, in whole seconds, of a token made at `now` (aware UTC).

        The first that is set: the client's, the API's, the default. A token never outlives its
        client.

        Raises:
            InvalidClient: the client comes to its end within this second.
        """
        lifetime = client.token_lifetime or self.by_audience.get(audience, self.default)
        if client.expires_at is None:
            return lifetime
        # A token says in whole seconds when it was made: what is left is counted from there.
        left = (client.expires_at - now.replace(microsecond=0)) // _SECOND * _SECOND
        if left < _SECOND:
            raise InvalidClient(reason=RefusalReason.CLIENT_EXPIRED)
        return min(lifetime, left)
