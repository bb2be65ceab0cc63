"""Slow down who fails again and again (RFC 6749 §2.3.1); who succeeds is never slowed.

Failures are counted in Django's cache, for the host they come from. A cache that all processes
share makes it one limit. Nothing is counted for a client: whoever knows its ID, which is no
secret, could then turn its own failures into waiting, and see by the answer that it lives.
"""

import logging
import threading
import time
from datetime import datetime

from django.core.cache import cache

from django_cc.authorization_server.client_address import find_host
from django_cc.authorization_server.settings import get_settings

logger = logging.getLogger(__name__)

_MINUTE = 60
_PATIENCE = 0.25  # seconds after which another request does not ask the cache too
_SLOW = 1.0  # seconds after which an answer is as bad as none
_PAUSE = 30.0  # seconds without counting after the cache failed


class FailureCounter:
    """Counts the failed requests of each host and minute, and leaves a cache alone that is away."""

    def __init__(self) -> None:
        """Begin with a cache that is there."""
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._paused_until = 0.0
        self._is_away = False

    def count(self, address: str | None, *, now: datetime) -> int | None:
        """Count a request that failed to authenticate.

        Args:
            address: where it came from, if that could be told.
            now: aware UTC.

        Returns:
            The seconds to wait where the limit is exceeded, else None. Also while the cache is
            away or slow: what failed is refused anyway.
        """
        limit = get_settings().failed_requests_per_minute
        if limit is None or not self._may_ask():
            return None
        minute, seconds = divmod(int(now.timestamp()), _MINUTE)
        count = self._ask(f"django_cc:failed:{minute}:{find_host(address)}")
        return _MINUTE - seconds if count > limit else None

    def _may_ask(self) -> bool:
        now = time.monotonic()
        with self._lock:
            hangs = self._asked_at is not None and now - self._asked_at > _PATIENCE
            if hangs or now < self._paused_until:
                return False
            self._asked_at = self._asked_at or now
        return True

    def _ask(self, key: str) -> int:
        began_at, count = time.monotonic(), 0
        try:
            cache.add(key, 0, timeout=2 * _MINUTE)
            count = cache.incr(key)
        except ValueError:  # a cache that keeps nothing, or had no room for the key
            pass
        except Exception:  # each cache raises its own
            if self._note(is_away=True):
                logger.exception("Failed requests are not counted: the cache is away.")
            return 0
        is_slow = time.monotonic() - began_at > _SLOW
        if self._note(is_away=is_slow):
            logger.warning("Failed requests are %scounted.", "not " if is_slow else "")
        return count

    def _note(self, *, is_away: bool) -> bool:
        """Note how the cache answered; return whether that is news."""
        with self._lock:
            is_news, self._is_away, self._asked_at = self._is_away != is_away, is_away, None
            if is_away:
                self._paused_until = time.monotonic() + _PAUSE
        return is_news


failure_counter = FailureCounter()
