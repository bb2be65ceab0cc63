"""The public keys that another server publishes, kept for as long as they may be.

One set serves all threads of a process. It is fetched when somebody needs it: before it goes
stale beside the request that notices it, then while that request waits. At most one fetch is
under way, and after each, however it went, none begins for a while: whoever invents key IDs
cannot have us ask more often. One that never began, because this process was busy, counts as none.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakSet

from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm
from django_cc.remote.json_response import FetchedDocument
from django_cc.remote.published_keys import read_keys
from django_cc.remote.unavailable import DocumentUnavailable, TooManyUnderWay

logger = logging.getLogger(__name__)

_REFRESHED_AFTER = 0.8  # of the time for which a set is fresh
_LONGEST_WAIT = 5.0  # seconds for a fetch of somebody else's; it has a shorter limit of its own


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long a set is kept, and how often it may be asked for.

    Attributes:
        default_age: for how long it is fresh where it does not say.
        least_age: the least, whatever it says.
        most_age: the most, whatever it says: so long a key that was taken out of it may live on.
        max_stale: from the last successful fetch on, for how long its keys are used while no
            other fetch succeeds.
        cool_down: between two fetches, of whatever cause and outcome.
        most_keys: a longer set is refused.
        rsa: what an RSA key is for that does not say; None to leave it out.
    """

    default_age: timedelta = timedelta(minutes=5)
    least_age: timedelta = timedelta(minutes=1)
    most_age: timedelta = timedelta(minutes=5)
    max_stale: timedelta = timedelta(hours=1)
    cool_down: timedelta = timedelta(seconds=30)
    most_keys: int = 50
    rsa: SigningAlgorithm | None = None

    def find_fresh_for(self, max_age: timedelta | None) -> timedelta:
        """Return for how long a set is fresh that says `max_age`."""
        wanted = self.default_age if max_age is None else max_age
        return min(max(wanted, self.least_age), self.most_age, self.max_stale)


class KeysUnavailable(Exception):
    """A set was never fetched, or its last fetch that succeeded is too long ago.

    Attributes:
        reason: why, in words that may be shown to the one who named the set.
    """

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LastFetch:
    """How the last fetch of a set went, for people.

    Attributes:
        at: when it was, aware UTC.
        keys: how many keys are known from the last one that succeeded.
        problem: why it failed; empty where it did not.
    """

    at: datetime
    keys: int
    problem: str


@dataclass(frozen=True, slots=True)
class _Known:
    keys: Mapping[KeyID, PublicKey] = field(default_factory=dict)
    fetched_at: datetime | None = None
    fresh_for: timedelta = timedelta(0)
    attempted_at: datetime | None = None
    problem: str = ""  # of the last attempt


class RemoteJWKSet:
    """The keys of one JWK Set; thread-safe, and usable in forked children."""

    _lock: threading.Lock
    _flight: threading.Event | None

    def __init__(
        self,
        fetch: Callable[[], FetchedDocument],
        policy: CachePolicy | None = None,
        *,
        name: str,
    ) -> None:
        """Describe the set; nothing is fetched.

        Args:
            fetch: returns the document, or raises DocumentUnavailable, within a few seconds.
            policy: how long it is kept.
            name: of whom the keys are, for the log.
        """
        self._fetch, self._policy, self._name = fetch, policy or CachePolicy(), name
        self._known = _Known()
        self.forget_threads()
        _all_sets.add(self)

    def find_key(self, kid: KeyID | None, *, now: datetime) -> PublicKey | None:
        """Return the key of that ID, or None where the set has none.

        Waits for a fetch where the set is stale or does not have the key, if one is due.

        Args:
            kid: which; None for the only one of the set (RFC 7515 §4.1.4).
            now: aware UTC.

        Raises:
            KeysUnavailable: there is no set that may still be used.
        """
        if self._is_fresh(now) and (key := self._look_up(kid)) is not None:
            if self._is_going_stale(now):
                self._refresh_beside(now)
            return key
        problem = ""
        try:
            self._refresh(now)
        except TooManyUnderWay as busy:
            problem = busy.reason
        self._require_usable(now, problem)
        return self._look_up(kid)

    def get_last_fetch(self) -> LastFetch | None:
        """Return how the last fetch of this process went; None before the first."""
        known = self._known
        if known.attempted_at is None:
            return None
        return LastFetch(known.attempted_at, len(known.keys), known.problem)

    def forget_threads(self) -> None:
        """Start anew, also in a forked child: a lock that another thread held stays shut."""
        self._lock = threading.Lock()
        self._flight = None

    def _look_up(self, kid: KeyID | None) -> PublicKey | None:
        keys = self._known.keys
        if kid is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(kid)

    def _is_fresh(self, now: datetime) -> bool:
        known = self._known
        return self._is_within(known.fetched_at, known.fresh_for, now)

    def _is_going_stale(self, now: datetime) -> bool:
        known = self._known
        return not self._is_within(known.fetched_at, known.fresh_for * _REFRESHED_AFTER, now)

    def _is_cooling_down(self, now: datetime) -> bool:
        return self._is_within(self._known.attempted_at, self._policy.cool_down, now)

    def _is_within(self, since: datetime | None, period: timedelta, now: datetime) -> bool:
        # Another thread may have had a later clock reading; a clock set back is more than that.
        return since is not None and -self._policy.cool_down < now - since < period

    def _require_usable(self, now: datetime, problem: str) -> None:
        known = self._known
        if not self._is_within(known.fetched_at, self._policy.max_stale, now):
            raise KeysUnavailable(problem or known.problem or "it is being fetched")

    def _refresh(self, now: datetime) -> None:
        """Fetch the set if one is due; wait where somebody else is at it.

        Raises:
            TooManyUnderWay: it was not asked for, so the last attempt is still the last.
        """
        with self._lock:
            flight = self._flight
            if flight is None:
                if self._is_cooling_down(now):
                    return
                self._flight = threading.Event()
        if flight is not None:
            flight.wait(_LONGEST_WAIT)
            return
        self._fly(now)

    def _refresh_beside(self, now: datetime) -> None:
        with self._lock:
            if self._flight is not None or self._is_cooling_down(now):
                return
            self._flight = threading.Event()
        try:
            threading.Thread(
                target=self._fly_beside, args=(now,), name="django_cc keys", daemon=True
            ).start()
        except RuntimeError:  # no thread is left: a request will wait when the set is stale
            self._land()

    def _fly_beside(self, now: datetime) -> None:
        with suppress(TooManyUnderWay):  # the next request tries again
            self._fly(now)

    def _fly(self, now: datetime) -> None:
        try:
            self._attempt(now)
        finally:
            self._land()

    def _land(self) -> None:
        with self._lock:
            flight, self._flight = self._flight, None
        if flight is not None:
            flight.set()

    def _attempt(self, now: datetime) -> None:
        policy, known = self._policy, self._known
        try:
            document = self._fetch()
            keys = read_keys(
                document.content, most=policy.most_keys, rsa=policy.rsa, name=self._name
            )
        except TooManyUnderWay:  # nobody was asked, so this was no attempt
            raise
        except DocumentUnavailable as error:
            logger.warning("The keys of %s could not be fetched: %s.", self._name, error.reason)
            self._known = _Known(known.keys, known.fetched_at, known.fresh_for, now, error.reason)
            return
        # What is absent from the newest set is gone at once.
        self._known = _Known(keys, now, policy.find_fresh_for(document.max_age), now)


_all_sets: WeakSet[RemoteJWKSet] = WeakSet()


def _start_anew_after_a_fork() -> None:
    for jwk_set in list(_all_sets):
        jwk_set.forget_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew_after_a_fork)
