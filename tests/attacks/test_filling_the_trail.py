"""Threat: somebody fills the audit trail, which nobody can empty, by posting in a loop."""

from typing import Any

import pytest
import time_machine

from django_cc.authorization_server.audit.bounded_record import MOST_IN_A_MINUTE
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.token_trial import (
    ClientSecretCredential,
    Origin,
    Sender,
    try_token_request,
)
from django_cc.models import AuditEvent
from django_cc.protocol.secret_text import SecretText
from tests.console.console import Console, create_user, read
from tests.machines import ACTOR, Machine

NOON = "2026-11-22T12:00:00Z"
TOO_MANY = "You sent ten test requests within a minute. Wait a little."
RIGHTS = ("view_machineclient", "access_all_clients", "test_request")


@pytest.fixture
def ben(db: None) -> Console:
    """The console as ben sees it, who may identify and send test requests."""
    return Console(create_user("ben", *RIGHTS))


@pytest.fixture
def kim(db: None) -> Console:
    """Somebody else with the same rights."""
    return Console(create_user("kim", *RIGHTS))


def count(event: str, actor: str = "ben") -> int:
    return AuditEvent.objects.filter(event=event, actor=actor).count()


def identify(console: Console, text: str, *, times: int = 1) -> list[str]:
    return [read(console.submit("identify", text=text)) for _ in range(times)]


def send(console: Console, machine: Machine, *, times: int = 1, secret: str = "") -> list[str]:
    fields = {"secret": secret or machine.client_secret}
    return [read(console.submit("try", machine.row.pk, **fields)) for _ in range(times)]


def test_identify_answers_all_and_tells_of_a_few_that_found_nothing(ben: Console) -> None:
    answers = identify(ben, "nothing", times=MOST_IN_A_MINUTE + 5)

    assert all("It looks like no token" in answer for answer in answers)
    assert count("credential_identified") == MOST_IN_A_MINUTE


def test_identify_tells_of_each_that_found_something(ben: Console, machine: Machine) -> None:
    identify(ben, "nothing", times=MOST_IN_A_MINUTE + 1)

    identify(ben, machine.client_secret)

    assert count("credential_identified") == MOST_IN_A_MINUTE + 1


def test_what_was_found_leaves_room_for_what_was_not(ben: Console, machine: Machine) -> None:
    identify(ben, machine.client_secret, times=MOST_IN_A_MINUTE)

    identify(ben, "nothing")

    assert count("credential_identified") == MOST_IN_A_MINUTE + 1


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_test_request_too_many_is_not_sent(
    ben: Console, machine: Machine, signing_key: None, secret: str
) -> None:
    send(ben, machine, times=MOST_IN_A_MINUTE, secret=secret)
    refused = AuditEvent.objects.filter(event="token_refused").count()

    (answer,) = send(ben, machine, secret=secret)

    assert TOO_MANY in answer
    assert "The answer to the test request" not in answer
    assert count("token_tested") == MOST_IN_A_MINUTE
    assert AuditEvent.objects.filter(event="token_refused").count() == refused


def test_others_and_the_next_minute_are_told_of_all_the_same(
    ben: Console, kim: Console, machine: Machine, signing_key: None
) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        send(ben, machine, times=MOST_IN_A_MINUTE + 1)
        identify(ben, "nothing", times=MOST_IN_A_MINUTE + 1)
        (of_kim,) = send(kim, machine)
        identify(kim, "nothing")
        now.shift(61)
        (later,) = send(ben, machine)
        identify(ben, "nothing")

    assert TOO_MANY not in of_kim + later
    assert count("token_tested") == count("credential_identified") == MOST_IN_A_MINUTE + 1
    assert count("token_tested", "kim") == count("credential_identified", "kim") == 1


def test_commands_send_as_many_as_they_like(machine: Machine, signing_key: None) -> None:
    credential = ClientSecretCredential(SecretText(machine.client_secret))
    sender = Sender(ACTOR, Sight.of_operators())

    trials: list[Any] = [
        try_token_request(machine.row, credential, sender, origin=Origin())
        for _ in range(MOST_IN_A_MINUTE + 1)
    ]

    assert {trial.status for trial in trials} == {200}
    assert count("token_tested", ACTOR.name) == MOST_IN_A_MINUTE + 1
