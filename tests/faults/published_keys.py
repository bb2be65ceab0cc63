"""The JWK Set as an API elsewhere knows it: fetched now and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import jwt

from tests.faults.exchange import Address, send

PAUSE = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """One answer of the JWK Set endpoint."""

    fetched_at: float
    keys: jwt.PyJWKSet

    def verify(self, token: str, *, audience: str) -> None:
        """Verify a token with these keys alone.

        Raises:
            jwt.InvalidTokenError: it does not verify.
            KeyError: its key is not there.
        """
        key = self.keys[jwt.get_unverified_header(token)["kid"]]
        jwt.decode(token, key, algorithms=["ES256"], audience=audience)


@dataclass(slots=True)
class Watch:
    """All sets that were fetched, in their order."""

    address: Address
    sets: list[PublishedKeys] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def before(self, moment: float) -> PublishedKeys:
        """Return the newest set that was known at `moment`."""
        return [one for one in self.sets if one.fetched_at <= moment][-1]

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            answer = send(self.address, "GET", "/oauth/jwks", {})
            self.sets.append(
                PublishedKeys(answer.answered_at, jwt.PyJWKSet.from_dict(answer.json()))
            )


@contextmanager
def watching(address: Address) -> Iterator[Watch]:
    """Fetch the JWK Set again and again while the context lasts."""
    watch = Watch(address)
    thread = Thread(target=watch._run)
    thread.start()
    try:
        yield watch
    finally:
        watch._stop.set()
        thread.join()
