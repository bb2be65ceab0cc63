"""A client that has come to its end: no new token, its old ones dead, and none revived."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from time_machine import Traveller

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.models import MachineClient
from tests.machines import ACTOR, Machine, TokenEndpoint, call, register

END = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """A clock a minute before the end."""
    with time_machine.travel(END - timedelta(minutes=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ending(clock: Traveller, token_endpoint: TokenEndpoint) -> Machine:
    """A client that ends in a minute."""
    return register(expires_at=END)


def test_gets_tokens_until_its_end(
    clock: Traveller, ending: Machine, token_endpoint: TokenEndpoint
) -> None:
    statuses = []
    for moment in (END - MOMENT, END):
        clock.move_to(moment, tick=False)
        statuses.append(token_endpoint.post(authorization=ending.basic()).status_code)

    assert statuses == [200, 401]


def test_has_its_tokens_die_at_that_moment(
    clock: Traveller, ending: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(ending)
    statuses = []
    for moment in (END - MOMENT, END):
        clock.move_to(moment, tick=False)
        statuses.append(call(token=token).status_code)

    assert statuses == [200, 401]


def test_keeps_the_cause_of_the_refusal_for_the_log(
    clock: Traveller,
    ending: Machine,
    token_endpoint: TokenEndpoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock.move_to(END, tick=False)

    with caplog.at_level("DEBUG"):
        token_endpoint.post(authorization=ending.basic())

    assert "client_expired" in caplog.text


@pytest.mark.parametrize("later", [END + timedelta(days=1), None], ids=["later", "never"])
def test_revives_no_token_when_an_expired_client_gets_a_later_end(
    clock: Traveller, ending: Machine, token_endpoint: TokenEndpoint, later: datetime | None
) -> None:
    token = token_endpoint.access_token(ending)
    clock.move_to(END, tick=False)

    update_client(ending.row, Changes(expires_at=later), ACTOR)

    assert call(token=token).status_code == 401
    assert call(token=token_endpoint.access_token(ending)).status_code == 200


def test_spares_the_tokens_of_a_client_that_is_extended_in_time(
    clock: Traveller, ending: Machine, token_endpoint: TokenEndpoint
) -> None:
    clock.move_to(END - timedelta(minutes=2), tick=False)
    token = token_endpoint.access_token(ending)

    update_client(ending.row, Changes(expires_at=END + timedelta(days=1)), ACTOR)

    assert call(token=token).status_code == 200


def test_kills_the_tokens_of_a_client_that_is_extended_when_another_clock_may_be_past_its_end(
    clock: Traveller, ending: Machine, token_endpoint: TokenEndpoint
) -> None:
    clock.move_to(END - timedelta(seconds=30), tick=False)
    token = token_endpoint.access_token(ending)

    update_client(ending.row, Changes(expires_at=END + timedelta(days=1)), ACTOR)

    assert call(token=token).status_code == 401


def test_lets_the_name_of_an_expired_client_be_changed(clock: Traveller, ending: Machine) -> None:
    clock.move_to(END, tick=False)

    update_client(ending.row, Changes(name="Old billing sync"), ACTOR)

    row = MachineClient.objects.get()
    assert (row.name, row.generation, row.expires_at) == ("Old billing sync", 1, END)


def test_refuses_an_end_that_has_passed(clock: Traveller, machine: Machine) -> None:
    with pytest.raises(ValidationError, match="must be in the future"):
        update_client(machine.row, Changes(expires_at=END - timedelta(minutes=1)), ACTOR)

    with pytest.raises(ValidationError, match="must be in the future"):
        register("Another", expires_at=END - timedelta(hours=1))
