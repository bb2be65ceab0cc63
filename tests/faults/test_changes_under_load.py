"""Tokens, secrets and signing keys are replaced while four workers mint and verify."""

import json
import time
from dataclasses import replace

import jwt
import pytest

from tests.faults.aftermath import failures, generation, slowest, spread
from tests.faults.conftest import Figures
from tests.faults.databases import find_last_change
from tests.faults.exchange import Address, Exchange
from tests.faults.published_keys import watching
from tests.faults.served_project import ServedProject
from tests.faults.traffic import Traffic, ask_every_worker, running, sleep_until
from tests.projects.served import ORDERS_API, PROPAGATION_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]


def test_revoking_all_tokens_kills_those_minted_in_the_lag_and_never_stops_minting(
    project: ServedProject, server: Address, figures: Figures
) -> None:
    client = project.register()

    with running(server, client) as traffic:
        traffic.await_every_worker()
        project.manage("cc_token", "revoke", client.client_id)
        bound = time.monotonic() + PROPAGATION_SECONDS
        sleep_until(bound)
        traffic.await_every_worker(since=bound)
    revoked_at = find_last_change(project.environment["DATABASE_URL"])
    first = min(map(generation, traffic.tokens))
    dead = [token for token in traffic.tokens if generation(token) == first]
    living = [token for token in traffic.tokens if generation(token) > first]
    refused = ask_every_worker(server, spread(dead, 30))
    accepted = ask_every_worker(server, spread(living, 10))

    calls_with_dead = [one.exchange for one in traffic.calls if generation(one.token) == first]
    calls_with_living = [one.exchange for one in traffic.calls if generation(one.token) > first]
    new_refused = [one for one in calls_with_living if one.status != 200]
    figures(
        last_minted_dead=slowest(_minted(traffic, first), revoked_at),
        dead_minted_in_the_lag=sum(one.answered_at > revoked_at for one in _minted(traffic, first)),
        last_accepted=slowest((one for one in calls_with_dead if one.status == 200), revoked_at),
        new_tokens_refused_in_the_lag=len(new_refused),
        last_of_them=slowest(new_refused, revoked_at),
        mints=len(traffic.mints),
    )
    assert failures(traffic)[0] == []
    assert {one.status for one in calls_with_dead if one.sent_at > bound} == {401}
    assert {one.status for one in calls_with_living if one.sent_at > bound} == {200}
    assert refused.keys() == {401}
    assert accepted.keys() == {200}


def _minted(traffic: Traffic, wanted: int) -> list[Exchange]:
    good = [one for one in traffic.mints if one.status == 200]
    return [one for one in good if generation(one.json()["access_token"]) == wanted]


def test_rotating_a_secret_fails_no_request(
    project: ServedProject, server: Address, figures: Figures
) -> None:
    client = project.register()

    with running(server, client) as traffic:
        traffic.await_every_worker()
        rotate = ("cc_secret", "rotate", client.client_id, "--overlap", "1h", "--json")
        new = json.loads(project.manage(*rotate))["client_secret"]
        sleep_until(time.monotonic() + PROPAGATION_SECONDS)
        traffic.credentials = replace(client, client_secret=new)
        switched_at = time.monotonic()
        traffic.await_every_worker(since=switched_at)
        ending = client.client_secret[-4:]
        project.manage("cc_secret", "revoke", client.client_id, "--secret", ending)
        bound = time.monotonic() + PROPAGATION_SECONDS
        sleep_until(bound)
        traffic.await_every_worker(since=bound)
    with running(server, client) as with_the_old:
        with_the_old.await_every_mint()

    figures(mints=len(traffic.mints), calls=len(traffic.calls))
    assert failures(traffic) == ([], [])
    assert {one.status for one in with_the_old.mints} <= {401, 429}


def test_rotating_the_signing_key_fails_no_request_and_no_verification_by_others(
    project: ServedProject, server: Address, figures: Figures
) -> None:
    project.manage("cc_signing_key", "ensure")
    client = project.register()

    with watching(server) as published:
        sleep_until(time.monotonic() + 2 * PROPAGATION_SECONDS)
        with running(server, client) as traffic:
            traffic.await_every_worker()
            project.manage("cc_signing_key", "rotate", "--now", "--json")
            bound = time.monotonic() + PROPAGATION_SECONDS
            sleep_until(bound)
            traffic.await_every_worker(since=bound)

    minted = [(one.sent_at, one.json()["access_token"]) for one in traffic.mints]
    for sent_at, token in minted:
        published.before(sent_at - PROPAGATION_SECONDS).verify(token, audience=ORDERS_API)
    signers = {jwt.get_unverified_header(token)["kid"] for _, token in minted}
    figures(mints=len(traffic.mints), calls=len(traffic.calls), sets=len(published.sets))
    assert failures(traffic) == ([], [])
    assert len(signers) == 2
