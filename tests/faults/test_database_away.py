"""PostgreSQL stops or hangs for some seconds while four workers mint and verify."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pytest

from tests.faults.conftest import Figures
from tests.faults.exchange import Address, Exchange
from tests.faults.served_project import Credentials, ServedProject
from tests.faults.traffic import Traffic, running, sleep_until
from tests.projects.served import PROPAGATION_SECONDS
from tests.services.plugin import stop_without
from tests.services.postgres import PostgresServer, own_postgres
from tests.services.service import ServiceMissingError

OUTAGE_SECONDS = PROPAGATION_SECONDS + 2
ANSWER_SECONDS = 2.5  # two seconds, and a busy machine
PATIENCE = 5.0  # seconds after which a client gives a request up
# A connection that lasts is found broken by the thread that has it, at the price of a second.
RECOVERY_SECONDS = {"0": 2.0, "600": 4.0}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.faults,
    pytest.mark.parametrize(
        "connection_age",
        list(RECOVERY_SECONDS),
        ids=["a connection per request", "lasting connections"],
        scope="module",
    ),
]


@dataclass(frozen=True, slots=True)
class Outage:
    """When the database was away."""

    began_at: float
    ended_at: float
    recovery_seconds: float

    @property
    def recovered_at(self) -> float:
        return self.ended_at + self.recovery_seconds

    def within(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Return what was sent while it was away and the last look was too old for minting."""
        since = self.began_at + PROPAGATION_SECONDS
        return [one for one in exchanges if since < one.sent_at and one.answered_at < self.ended_at]

    def after(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Return what was sent when all had time to recover."""
        return [one for one in exchanges if one.sent_at > self.recovered_at]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL that nobody else uses."""
    try:
        with own_postgres() as server:
            yield server
    except ServiceMissingError as missing:
        stop_without(missing)


@pytest.fixture(scope="module")
def migrated(database: PostgresServer) -> ServedProject:
    """A project on that server."""
    return ServedProject.create(database.url)


@pytest.fixture(scope="module")
def client(migrated: ServedProject) -> Credentials:
    """A client of that project."""
    return migrated.register()


@pytest.fixture(scope="module")
def project(migrated: ServedProject, connection_age: str) -> ServedProject:
    """The same, its connections lasting that many seconds."""
    return ServedProject({**migrated.environment, "CONN_MAX_AGE": connection_age})


def test_stopped_database_stops_minting_alone_and_minting_comes_back_by_itself(
    client: Credentials,
    server: Address,
    database: PostgresServer,
    connection_age: str,
    figures: Figures,
) -> None:
    with running(server, client, timeout=PATIENCE) as traffic:
        traffic.await_every_worker()
        began_at = time.monotonic()
        database.stop()
        sleep_until(began_at + OUTAGE_SECONDS)
        starting_at = time.monotonic()
        database.start()
        outage = Outage(began_at, time.monotonic(), RECOVERY_SECONDS[connection_age])
        _await_recovery(traffic, outage)

    figures(**_measure(traffic, outage))
    _require_verification_only(traffic, replace(outage, ended_at=starting_at))
    assert {one.status for one in outage.after(traffic.mints)} == {200}


def test_hung_database_keeps_no_request_waiting(
    client: Credentials,
    server: Address,
    database: PostgresServer,
    connection_age: str,
    figures: Figures,
) -> None:
    with running(server, client, timeout=PATIENCE) as traffic:
        traffic.await_every_worker()
        with database.frozen():
            began_at = time.monotonic()  # a look may have been answered until now
            sleep_until(began_at + OUTAGE_SECONDS)
            outage = Outage(began_at, time.monotonic(), RECOVERY_SECONDS[connection_age])
        _await_recovery(traffic, outage)

    figures(**_measure(traffic, outage))
    _require_verification_only(traffic, outage)
    assert {one.status for one in outage.after(traffic.mints)} == {200}
    assert [str(one) for one in _all(traffic) if one.seconds > ANSWER_SECONDS] == []


def _await_recovery(traffic: Traffic, outage: Outage) -> None:
    sleep_until(outage.recovered_at)
    traffic.await_every_worker(since=outage.recovered_at)


def _require_verification_only(traffic: Traffic, outage: Outage) -> None:
    minted = outage.within(traffic.mints)
    assert {one.exchange.status for one in traffic.calls} == {200}
    assert {one.status for one in traffic.mints} == {200, 503}
    assert {one.status for one in minted} == {503}
    assert all(int(one.headers["Retry-After"]) > 0 for one in minted)
    assert {one.json()["error"] for one in minted} == {"temporarily_unavailable"}


def _all(traffic: Traffic) -> list[Exchange]:
    return [*traffic.mints, *(one.exchange for one in traffic.calls)]


def _measure(traffic: Traffic, outage: Outage) -> dict[str, float]:
    failed = [one.answered_at for one in traffic.mints if one.status != 200]
    return {
        "slowest_mint": max(one.seconds for one in traffic.mints),
        "slowest_call": max(one.exchange.seconds for one in traffic.calls),
        "last_failed_mint_after_it_was_back": max(failed, default=0.0) - outage.ended_at,
        "failed_mints": len(failed),
        "failed_calls": sum(one.exchange.status != 200 for one in traffic.calls),
    }
