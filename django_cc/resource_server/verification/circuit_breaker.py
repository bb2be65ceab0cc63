"""Stop asking a server that does not answer, and try it again after a while."""

import logging
import math
import threading
from datetime import datetime, timedelta

from django_cc.remote.forked_children import start_anew_in_children

logger = logging.getLogger(__name__)

_FAILURES_THAT_OPEN = 3  # in a row


class CircuitOpen(Exception):
    """The server has failed just now and is not asked.

    Attributes:
        retry_after: seconds until it is tried again, 1 or more.
    """

    def __init__(self, retry_after: int) -> None:
        """Say for how long."""
        super().__init__(retry_after)
        self.retry_after = retry_after


class CircuitBreaker:
    """Counts failures in a row; after three nobody asks until a pause is over, then one does.

    Thread-safe, and usable in forked children. The log gets one line when it opens, and one when
    the server is back.
    """

    _lock: threading.Lock

    def __init__(self, name: str, *, pause: timedelta) -> None:
        """Let everybody ask.

        Args:
            name: of what is asked, for the log.
            pause: how long nobody asks.
        """
        self._name, self._pause = name, pause
        self._failures = 0
        self._closed_until: datetime | None = None
        self.start_anew()
        start_anew_in_children(self)

    def enter(self, now: datetime) -> None:
        """Return if the caller may ask; it must report how that went.

        Raises:
            CircuitOpen: it may not.
        """
        with self._lock:
            until = self._closed_until
            if until is None:
                return
            # A clock that was set back must not keep the way closed for longer than a pause.
            if timedelta(0) < until - now <= self._pause:
                raise CircuitOpen(math.ceil((until - now).total_seconds()))
            self._closed_until = now + self._pause  # for all but this caller

    def report_success(self) -> None:
        """Let everybody ask."""
        with self._lock:
            was_open, self._failures = self._closed_until is not None, 0
            self._closed_until = None
        if was_open:
            logger.warning("%s answers again.", self._name)

    def report_failure(self, reason: str, *, now: datetime) -> int:
        """Count it; return after how many seconds to ask again."""
        with self._lock:
            self._failures += 1
            opens = self._failures == _FAILURES_THAT_OPEN
            if self._failures >= _FAILURES_THAT_OPEN:
                self._closed_until = now + self._pause
        if opens:
            logger.error(
                "%s does not answer, because %s. Until it does, tokens that only it can judge are "
                "answered with 503.",
                self._name,
                reason,
            )
        else:
            logger.debug("%s did not answer, because %s.", self._name, reason)
        return math.ceil(self._pause.total_seconds())

    def start_anew(self) -> None:
        """Begin with an open lock, as a forked child must."""
        self._lock = threading.Lock()
