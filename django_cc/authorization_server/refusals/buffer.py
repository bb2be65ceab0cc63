"""Keep refusals in memory until they are written, up to a cap for each caller and minute."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.client_address import find_host
from django_cc.authorization_server.refusals.evidence import Evidence
from django_cc.protocol.errors import RefusalReason

MOST_OF_ONE_CALLER = 10  # refusals a minute of one client from one host
MOST_OF_ONE_CLIENT = 60  # refusals a minute of one client; strangers together are one
MOST_CALLERS = 5_000  # clients and hosts told apart in a minute
MOST_WAITING = 1_000  # refusals in memory

_Caller = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused token request, as it will be told.

    Attributes:
        at: aware UTC.
        reference: what the answer quoted.
        reason: why.
        client_id: the registered client concerned, or empty.
        address: where it came from, if that could be told.
        evidence: of wrong credentials; kept in memory only, and only until it is diagnosed.
        detail: what is known on top of the reason, at once or by the diagnosis.
    """

    at: datetime
    reference: str
    reason: RefusalReason
    client_id: str
    address: str | None
    evidence: Evidence | None = None
    detail: str = ""


class RefusalBuffer:
    """Refusals of one process that are not in the audit trail yet; safe for threads, bounded."""

    def __init__(self) -> None:
        """Begin with none."""
        self.forget()

    def forget(self) -> None:
        """Drop everything, as a forked child must: its parent writes it down."""
        self._lock = threading.Lock()
        self._waiting: list[Refusal] = []
        self._minute = 0
        self._seen: Counter[_Caller] = Counter()
        self._of_client: Counter[str] = Counter()

    def add(self, refusal: Refusal) -> bool:
        """Keep a refusal to be written.

        Returns:
            False where it is over the cap, and only to be counted.
        """
        caller = refusal.client_id, find_host(refusal.address)
        with self._lock:
            self._begin_minute(int(refusal.at.timestamp()) // 60)
            if len(self._waiting) >= MOST_WAITING or not self._has_room_for(caller):
                return False
            self._seen[caller] += 1
            self._of_client[refusal.client_id] += 1
            self._waiting.append(refusal)
        return True

    def take(self) -> list[Refusal]:
        """Return what there is and begin anew; the caps of the minute stay."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken

    def put_back(self, refusals: list[Refusal]) -> None:
        """Take back what could not be written; the newest are dropped where there is no room."""
        with self._lock:
            self._waiting = (refusals + self._waiting)[:MOST_WAITING]

    def _has_room_for(self, caller: _Caller) -> bool:
        if self._of_client[caller[0]] >= MOST_OF_ONE_CLIENT:
            return False
        if caller not in self._seen:
            return len(self._seen) < MOST_CALLERS
        return self._seen[caller] < MOST_OF_ONE_CALLER

    def _begin_minute(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
            self._of_client.clear()
