"""What was denied is told to the audit trail, and whoever repeats it does not fill the trail."""

import pytest
import time_machine
from django.db.models import QuerySet

from django_cc.authorization_server.audit.bounded_record import MOST_IN_A_MINUTE
from django_cc.models import AuditEvent
from tests.console.console import Console, create_user
from tests.machines import Machine

NOON = "2026-11-22T12:00:00Z"


@pytest.fixture
def dev(db: None) -> Console:
    """The console as dev sees it, who may disable nothing and sees no client of others."""
    return Console(create_user("dev", "view_machineclient"))


def list_denials() -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(event="action_denied")


def forge(console: Console, machine: Machine, *, times: int) -> set[int]:
    """Post to a page that was never offered; return the answers' status codes."""
    return {console.submit("disable", machine.row.pk).status_code for _ in range(times)}


def test_tells_of_the_client_that_the_user_does_not_see(dev: Console, machine: Machine) -> None:
    forge(dev, machine, times=1)

    assert [(one.actor, one.client_id) for one in list_denials()] == [("dev", machine.client_id)]


def test_denies_all_and_tells_of_a_few(dev: Console, machine: Machine) -> None:
    statuses = forge(dev, machine, times=MOST_IN_A_MINUTE + 5)

    assert statuses == {403}
    assert list_denials().count() == MOST_IN_A_MINUTE


def test_tells_of_others_and_of_the_next_minute_all_the_same(
    dev: Console, machine: Machine
) -> None:
    kim = Console(create_user("kim", "view_machineclient"))
    with time_machine.travel(NOON, tick=False) as now:
        forge(dev, machine, times=MOST_IN_A_MINUTE + 1)
        forge(kim, machine, times=1)
        now.shift(61)
        forge(dev, machine, times=1)

    assert list_denials().filter(actor="dev").count() == MOST_IN_A_MINUTE + 1
    assert list_denials().filter(actor="kim").count() == 1
