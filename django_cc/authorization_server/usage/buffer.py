"""Count in memory, so that no token request writes a row."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

from django_cc.models import UsageHour
from django_cc.protocol.client import CredentialRef
from django_cc.protocol.scope import Scope

MOST_COUNTERS = 20_000  # beyond, counts go to the client "", so that no total is lost
MOST_USES = 20_000  # beyond, a use is not noted
LAST_USED_RESOLUTION = timedelta(seconds=60)  # a last use is written this often at the most
_HOUR = 3600


_Key = TypeVar("_Key")
_Note = TypeVar("_Note")


class Counted(NamedTuple):
    """What is counted together: one row of `UsageHour`."""

    hour: int  # whole hours since 1970
    client_id: str
    api: str
    outcome: str
    reason: str


class Use(NamedTuple):
    """When and from where a credential was used."""

    at: datetime  # aware UTC
    address: str | None


@dataclass(slots=True)
class Figures:
    """What came together since the buffer was emptied last.

    Attributes:
        counts: how often.
        credential_uses: the last use of each secret and key, by client ID and credential.
        requested: scopes that were issued, by client ID and API, with the last day in UTC.
    """

    counts: Counter[Counted] = field(default_factory=Counter)
    credential_uses: dict[tuple[str, CredentialRef], Use] = field(default_factory=dict)
    requested: dict[tuple[str, str, Scope], date] = field(default_factory=dict)

    def move_refusal(self, old: tuple[str, str], new: tuple[str, str], *, at: datetime) -> None:
        """Count a refusal as what it turned out to be, where it is counted here.

        Args:
            old: the client ID and the reason that were known at once.
            new: those that the diagnosis found.
            at: when it was, aware.
        """
        counted = _make_key(at, old[0], "", UsageHour.Outcome.REFUSED, old[1])
        if old == new or not self.counts[counted]:
            return
        self.counts.subtract([counted])
        if not self.counts[counted]:
            del self.counts[counted]
        self.counts[counted._replace(client_id=new[0], reason=new[1])] += 1


def _make_key(at: datetime, client_id: str, api: str, outcome: str, reason: str) -> Counted:
    return Counted(int(at.timestamp()) // _HOUR, client_id, api, outcome, reason)


def _keep_most(notes: dict[_Key, _Note]) -> dict[_Key, _Note]:
    return dict(islice(notes.items(), MOST_USES))


class UsageBuffer:
    """Figures of one process that are not in the database yet; safe for threads, bounded."""

    def __init__(self) -> None:
        """Begin with none."""
        self.forget()

    def forget(self) -> None:
        """Drop everything, as a forked child must: its parent writes it down."""
        self._lock = threading.Lock()
        self._figures = Figures()
        self._uses_taken: dict[tuple[str, CredentialRef], datetime] = {}
        self._noted_days: dict[tuple[str, str, Scope], date] = {}

    def count_issued(
        self, client_id: str, api: str, scope: Scope, *, credential: CredentialRef, use: Use
    ) -> None:
        """Count a token, and note the last use of the credential and of the scopes."""
        issued = _make_key(use.at, client_id, api, UsageHour.Outcome.ISSUED, "")
        with self._lock:
            self._increment(issued)
            self._note_use((client_id, credential), use)
            self._note_request((client_id, api, scope), use.at.date())

    def note_use(self, client_id: str, credential: CredentialRef, use: Use) -> None:
        """Note the last use of a credential that got no token by it."""
        with self._lock:
            self._note_use((client_id, credential), use)

    def count_refused(self, client_id: str, reason: str, *, at: datetime) -> None:
        """Count a refusal; `client_id` is empty where no registered client is concerned."""
        with self._lock:
            self._increment(_make_key(at, client_id, "", UsageHour.Outcome.REFUSED, reason))

    def take(self, now: datetime | None = None) -> Figures:
        """Return what there is and begin anew.

        With `now`, uses of credentials of which one was taken less than `LAST_USED_RESOLUTION`
        before stay for later: the last one counts, and a busy client costs no write each time.
        """
        with self._lock:
            taken, self._figures = self._figures, Figures()
            if now is not None:
                self._keep_for_later(taken, now)
        return taken

    def put_back(self, figures: Figures) -> None:
        """Take back what could not be written; newer notes win over it."""
        with self._lock:
            for key, count in figures.counts.items():
                self._increment(key, count)
            for used in figures.credential_uses:
                self._uses_taken.pop(used, None)
            newer = self._figures
            newer.credential_uses = _keep_most(figures.credential_uses | newer.credential_uses)
            newer.requested = _keep_most(figures.requested | newer.requested)

    def _note_use(self, used: tuple[str, CredentialRef], use: Use) -> None:
        uses = self._figures.credential_uses
        if used in uses or len(uses) < MOST_USES:
            uses[used] = use

    def _keep_for_later(self, taken: Figures, now: datetime) -> None:
        uses = taken.credential_uses
        later = [used for used in uses if self._was_taken_lately(used, now)]
        self._figures.credential_uses = {used: uses.pop(used) for used in later}
        if len(self._uses_taken) + len(uses) > MOST_USES:
            self._uses_taken.clear()
        self._uses_taken.update(dict.fromkeys(uses, now))

    def _was_taken_lately(self, used: tuple[str, CredentialRef], now: datetime) -> bool:
        taken_at = self._uses_taken.get(used)
        return taken_at is not None and timedelta(0) <= now - taken_at < LAST_USED_RESOLUTION

    def _note_request(self, requested: tuple[str, str, Scope], day: date) -> None:
        if self._noted_days.get(requested) == day:
            return
        if len(self._noted_days) >= MOST_USES:
            self._noted_days.clear()
        self._noted_days[requested] = day
        if len(self._figures.requested) < MOST_USES:
            self._figures.requested[requested] = day

    def _increment(self, key: Counted, by: int = 1) -> None:
        counts = self._figures.counts
        if key not in counts and len(counts) >= MOST_COUNTERS:
            key = key._replace(client_id="", api="")
        counts[key] += by
