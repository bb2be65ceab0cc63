"""The tab "Tokens": counts, the longest expiry, and the end of one token."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.authorization_server.clients.state import disable_client, revoke_tokens
from django_cc.models import AuditEvent, ClientSecret, RevokedToken, UsageHour
from tests.console.console import Console, create_user, page_url, read
from tests.jwts import read_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, call, register

ORDERS = "https://orders.example.com"


@pytest.fixture
def stopper(db: None) -> Console:
    """The console as ben sees it, who may revoke tokens."""
    rights = ("view_machineclient", "access_all_clients", "revoke_tokens")
    return Console(create_user("ben", *rights))


def count(machine: Machine, number: int, *, age: timedelta = timedelta(0)) -> None:
    hour = (datetime.now(UTC) - age).replace(minute=0, second=0, microsecond=0)
    UsageHour.objects.create(
        hour=hour, client_id=machine.client_id, api=ORDERS, outcome="issued", count=number
    )


def test_counts_tokens_by_api(console: Console, machine: Machine) -> None:
    count(machine, 4)
    count(machine, 30, age=timedelta(days=9))

    text = " ".join(read(console.visit("tokens", machine.row.pk)).split())

    assert '<th scope="row">Orders</th><td>4</td><td>34</td>' in text


def test_says_that_none_was_issued(console: Console, machine: Machine) -> None:
    text = read(console.visit("tokens", machine.row.pk))

    assert "No token in 30 days." in text
    assert "No token of this client is running any more." in text


def test_says_until_when_tokens_run_that_followed_within_a_minute(
    console: Console, machine: Machine, time_machine: Any
) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 19, 45, tzinfo=UTC), tick=False)
    count(machine, 1)
    ClientSecret.objects.update(last_used_at=datetime(2026, 11, 23, 19, 42, tzinfo=UTC))

    text = read(console.visit("tokens", machine.row.pk))

    assert "Tokens run until 23 Nov 2026, 19:53 UTC at the latest." in text


def test_knows_of_tokens_by_the_figures_where_no_use_is_noted(
    console: Console, machine: Machine, time_machine: Any
) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 19, 42, tzinfo=UTC), tick=False)
    count(machine, 1)

    text = read(console.visit("tokens", machine.row.pk))

    assert "Tokens run until 23 Nov 2026, 19:52 UTC at the latest." in text


def test_no_token_runs_after_its_lifetime(
    console: Console, machine: Machine, time_machine: Any
) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 19, 42, tzinfo=UTC), tick=False)
    count(machine, 1, age=timedelta(hours=3))
    ClientSecret.objects.update(last_used_at=datetime(2026, 11, 23, 16, 42, tzinfo=UTC))

    text = read(console.visit("tokens", machine.row.pk))

    assert "No token of this client is running any more." in text


def test_revokes_one_token_that_is_pasted(
    stopper: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token, other = token_endpoint.access_token(machine), token_endpoint.access_token(machine)

    answer = stopper.submit("tokens", machine.row.pk, token=f" {token}\n", reason="leak")

    assert answer["Location"] == page_url("tokens", machine.row.pk)
    assert (call(token=token).status_code, call(token=other).status_code) == (401, 200)
    event = AuditEvent.objects.get(event="token_revoked")
    token_id = read_claims(token)["jti"]
    assert (event.actor, event.detail, event.reason) == ("ben", token_id, "leak")
    assert event.client_id == machine.client_id


def test_a_token_of_another_client_is_not_revoked_here(
    stopper: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(register("Other"))

    text = read(stopper.submit("tokens", machine.row.pk, token=token))

    assert "This token was issued to another client." in text
    assert token not in text
    assert call(token=token).status_code == 200
    assert not RevokedToken.objects.exists()


@pytest.mark.parametrize("pasted", ["", "an-id", "a.b.c"], ids=str)
def test_what_is_no_token_of_ours_is_refused_and_not_kept(
    stopper: Console, machine: Machine, pasted: str
) -> None:
    text = read(stopper.submit("tokens", machine.row.pk, token=pasted))

    assert "This is no token of this server that still runs" in text
    assert not RevokedToken.objects.exists()


@pytest.mark.parametrize("proof", ["x", "x:y:z"])
def test_a_forged_proof_of_identify_revokes_nothing(
    stopper: Console, machine: Machine, proof: str
) -> None:
    text = read(stopper.submit("tokens", machine.row.pk, proof=proof))

    assert "paste the token again" in text
    assert not RevokedToken.objects.exists()


def test_says_that_it_was_revoked_already(
    stopper: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)
    for _time in range(2):
        stopper.submit("tokens", machine.row.pk, token=token)

    text = read(stopper.visit("tokens", machine.row.pk))
    assert "The token was revoked already." in text


def test_without_the_right_nothing_is_revoked(console: Console, machine: Machine) -> None:
    text = read(console.visit("tokens", machine.row.pk))

    assert "Revoke this token" not in text
    assert console.submit("tokens", machine.row.pk, token="x").status_code == 403
    assert not RevokedToken.objects.exists()


def test_asks_for_nothing_that_it_does_not_show(stopper: Console, machine: Machine) -> None:
    text = read(stopper.visit("tokens", machine.row.pk))

    assert "Proof" not in text
    assert 'type="hidden" name="proof"' in text


@pytest.mark.parametrize("kill", [revoke_tokens, disable_client])
def test_says_since_when_all_earlier_tokens_are_dead(
    console: Console, machine: Machine, time_machine: Any, kill: Any
) -> None:
    before = read(console.visit("tokens", machine.row.pk))
    time_machine.move_to(datetime(2026, 11, 23, 19, 45, tzinfo=UTC), tick=False)

    kill(machine.row, ACTOR)

    assert "All tokens from before" not in before
    text = read(console.visit("tokens", machine.row.pk))
    assert "All tokens from before 23 Nov 2026, 19:45 UTC are revoked." in text
