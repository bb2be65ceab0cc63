"""A client is disabled while four workers mint for it and verify its tokens."""

import time

import pytest

from tests.faults.aftermath import slowest, spread
from tests.faults.conftest import Figures
from tests.faults.databases import find_last_change
from tests.faults.exchange import Address, Exchange
from tests.faults.served_project import ServedProject
from tests.faults.traffic import Traffic, ask_every_worker, running, sleep_until
from tests.projects.served import PROPAGATION_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]

REFUSED = {401, 429}  # too many failures are answered with 429, a success never


@pytest.mark.parametrize(
    "server", [(), ("--preload",)], ids=["each loads the project", "preloaded"], indirect=True
)
def test_disabling_stops_a_client_in_every_worker_and_enabling_revives_no_token(
    project: ServedProject, server: Address, figures: Figures
) -> None:
    client = project.register()

    with running(server, client) as traffic:
        traffic.await_every_worker()
        before = len(traffic.tokens)
        project.manage("cc_client", "disable", client.client_id)
        bound = time.monotonic() + PROPAGATION_SECONDS
        sleep_until(bound)
        traffic.await_every_worker(since=bound)
    disabled_at = find_last_change(project.environment["DATABASE_URL"])
    old = list(traffic.tokens)
    refused = ask_every_worker(server, spread(old[:before], 10) + spread(old[before:], 20))
    project.manage("cc_client", "enable", client.client_id)
    sleep_until(time.monotonic() + PROPAGATION_SECONDS)
    with running(server, client) as later:
        later.await_every_worker()
    revived = ask_every_worker(server, spread(old, 20))
    accepted = ask_every_worker(server, spread(later.tokens, 5))

    figures(
        last_minted=slowest(_minted(traffic), disabled_at),
        last_accepted=_last_accepted(traffic, disabled_at),
        tokens=len(old),
        of_them_in_the_lag=sum(one.answered_at > disabled_at for one in _minted(traffic)),
    )
    assert _statuses_after(traffic, bound) <= REFUSED
    assert refused.keys() == {401}
    assert revived.keys() == {401}
    assert accepted.keys() == {200}
    assert {one.status for one in later.mints} == {200}


def _minted(traffic: Traffic) -> list[Exchange]:
    return [one for one in traffic.mints if one.status == 200]


def _last_accepted(traffic: Traffic, since: float) -> float:
    return slowest((one.exchange for one in traffic.calls if one.exchange.status == 200), since)


def _statuses_after(traffic: Traffic, bound: float) -> set[int]:
    everything = [*traffic.mints, *(one.exchange for one in traffic.calls)]
    return {one.status for one in everything if one.sent_at > bound}
