"""Clients that go on minting and calling while something happens to the server."""

import random
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.faults.exchange import Address, Exchange, call, mint
from tests.faults.served_project import Credentials

THREADS = 6
PAUSE = 0.02  # seconds between rounds: load, but no flood
WORKERS = 4
PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the protected view with `token`."""

    token: str
    exchange: Exchange


@dataclass(slots=True)
class Traffic:
    """What clients did; the lists grow while they run."""

    address: Address
    credentials: Credentials
    """May be replaced while they run."""
    timeout: float
    mints: list[Exchange] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def await_every_worker(self, *, since: float = 0.0) -> None:
        """Return when each worker has minted and verified after the moment `since`."""
        await_until(lambda: self._are_all_reached(since), "not every worker was reached")

    def await_every_mint(self, *, since: float = 0.0) -> None:
        """Return when each worker has answered a token request sent after the moment `since`."""
        await_until(lambda: _reach_all(self.mints, since), "not every worker minted")

    def _are_all_reached(self, since: float) -> bool:
        calls = [one.exchange for one in list(self.calls)]
        return _reach_all(self.mints, since) and _reach_all(calls, since)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            newest = self._mint()
            if newest is not None:
                self._call(newest)
            if self.tokens:
                self._call(random.choice(self.tokens))

    def _mint(self) -> str | None:
        client = self.credentials
        answer = mint(self.address, client.client_id, client.client_secret, timeout=self.timeout)
        self.mints.append(answer)
        if answer.status != 200:
            return None
        token: str = answer.json()["access_token"]
        self.tokens.append(token)
        return token

    def _call(self, token: str) -> None:
        self.calls.append(Call(token, call(self.address, token, timeout=self.timeout)))


def _reach_all(exchanges: list[Exchange], since: float) -> bool:
    workers = {one.worker for one in list(exchanges) if one.sent_at > since}
    return len(workers - {0}) == WORKERS


@contextmanager
def running(
    address: Address, credentials: Credentials, *, timeout: float = 10.0
) -> Iterator[Traffic]:
    """Have clients run while the context lasts."""
    traffic = Traffic(address, credentials, timeout)
    threads = [Thread(target=traffic._run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        traffic._stop.set()
        for thread in threads:
            thread.join()


def ask_every_worker(address: Address, tokens: Collection[str]) -> dict[int, int]:
    """Call with each token until each worker has answered; count the answers by status."""
    statuses: dict[int, int] = {}
    for token in tokens:
        seen: set[int] = set()
        deadline = time.monotonic() + PATIENCE
        while len(seen) < WORKERS:
            assert time.monotonic() < deadline, "not every worker was reached"
            answer = call(address, token)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            seen |= {answer.worker} - {0}
    return statuses


def await_until(condition: Callable[[], bool], otherwise: str) -> None:
    """Return as soon as `condition` holds.

    Raises:
        AssertionError: it does not for a long time.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def sleep_until(moment: float) -> None:
    """Return at `moment` of `time.monotonic()`."""
    time.sleep(max(0.0, moment - time.monotonic()))
