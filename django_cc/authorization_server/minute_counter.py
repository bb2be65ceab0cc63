"""Count in Django's cache, a minute at a time, and leave a cache alone that is away.

A cache that all processes share makes it one count. What is counted goes on uncounted while the
cache is away or slow: no request waits for it twice.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.core.cache import cache

from django_cc.authorization_server.forks import after_fork

logger = logging.getLogger(__name__)

_MINUTE = 60
_PATIENCE = 0.25  # seconds after which another request does not ask the cache too
_SLOW = 1.0  # seconds after which an answer is as bad as none
_PAUSE = 30.0  # seconds without counting after the cache failed


class MinuteCounter:
    """One for each process, so that whatever is counted learns of an outage once."""

    def __init__(self) -> None:
        """Begin with a cache that is there."""
        self.forget()

    def forget(self) -> None:
        """Begin with a cache that is there and an open lock, as a forked child must."""
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._paused_until = 0.0
        self._is_away = False

    def count(self, name: str, *, limit: int, now: datetime) -> int | None:
        """Count one more of `name` in the minute of `now`.

        Args:
            name: what is counted, and whose; no spaces, at most 200 characters.
            limit: how many a minute may have.
            now: aware UTC.

        Returns:
            The seconds to wait where the limit is exceeded, else None. Also while the cache is
            away or slow.
        """
        count, wait = self._ask_in_minute(_increment, name, now)
        return wait if count > limit else None

    def look(self, name: str, *, limit: int, now: datetime) -> int | None:
        """Return what `count` would return for one more, and count nothing."""
        count, wait = self._ask_in_minute(_read, name, now)
        return wait if count >= limit else None

    def _ask_in_minute(
        self, ask: Callable[[str], int], name: str, now: datetime
    ) -> tuple[int, int]:
        """Return how many there are, none where the cache is left alone, and the seconds left."""
        minute, seconds = divmod(int(now.timestamp()), _MINUTE)
        count = self._ask(ask, f"django_cc:{name}:{minute}") if self._may_ask() else 0
        return count, _MINUTE - seconds

    def _may_ask(self) -> bool:
        now = time.monotonic()
        with self._lock:
            hangs = self._asked_at is not None and now - self._asked_at > _PATIENCE
            if hangs or now < self._paused_until:
                return False
            self._asked_at = self._asked_at or now
        return True

    def _ask(self, ask: Callable[[str], int], key: str) -> int:
        began_at, count = time.monotonic(), 0
        try:
            count = ask(key)
        except ValueError:  # a cache that keeps nothing, or had no room for the key
            pass
        except Exception:  # each cache raises its own
            if self._note(is_away=True):
                logger.exception("Failed requests and rates are not counted: the cache is away.")
            return 0
        is_slow = time.monotonic() - began_at > _SLOW
        if self._note(is_away=is_slow):
            logger.warning("Failed requests and rates are %scounted.", "not " if is_slow else "")
        return count

    def _note(self, *, is_away: bool) -> bool:
        """Note how the cache answered; return whether that is news."""
        with self._lock:
            is_news, self._is_away, self._asked_at = self._is_away != is_away, is_away, None
            if is_away:
                self._paused_until = time.monotonic() + _PAUSE
        return is_news


def _increment(key: str) -> int:
    cache.add(key, 0, timeout=2 * _MINUTE)
    return cache.incr(key)


def _read(key: str) -> int:
    return int(cache.get(key, 0))


minute_counter = MinuteCounter()

after_fork(minute_counter.forget)
