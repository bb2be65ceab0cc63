"""`manage.py cc_report`: the dashboard for a terminal."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_cc.models import ClientSecret, UsageHour
from tests.machines import Machine, register

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_report", *arguments, stdout=output)
    return output.getvalue()


def report(*arguments: str) -> Any:
    return json.loads(run("--json", *arguments))


@pytest.fixture
def figures(machine: Machine) -> None:
    """Figures of one client, some of a client that is gone, some of nobody's."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for client_id, issued, refused in ((machine.client_id, 5, 1), ("gone", 3, 0), ("", 0, 9)):
        common = {"client_id": client_id, "hour": hour}
        UsageHour.objects.create(**common, outcome="issued", api="a", count=issued)
        UsageHour.objects.create(
            **common, outcome="refused", reason="unknown_client", count=refused
        )


def test_sums_up_everything_there_was(figures: None, machine: Machine) -> None:
    printed = report()

    assert (printed["issued"], printed["refused"]) == (8, 10)
    assert printed["refused_by_reason"] == {"unknown_client": 10}
    assert [client["client_id"] for client in printed["top_clients"]] == [machine.client_id]


def test_leaves_out_what_is_longer_ago(machine: Machine) -> None:
    long_ago = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    UsageHour.objects.create(hour=long_ago, outcome="issued", client_id=machine.client_id, count=1)

    assert report("--hours", "3")["issued"] == 0
    assert report("--hours", "4")["issued"] == 1


@pytest.mark.parametrize(("since", "issued"), [("1d", 0), ("30d", 1)])
def test_looks_back_to_a_time(machine: Machine, since: str, issued: int) -> None:
    long_ago = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=29)
    UsageHour.objects.create(hour=long_ago, outcome="issued", client_id=machine.client_id, count=1)

    assert report("--since", since)["issued"] == issued


@pytest.mark.parametrize("since", ["2099-01-01", "400d"])
def test_refuses_to_look_back_to_the_future_or_too_far(since: str) -> None:
    with pytest.raises(CommandError, match="--since: a time in the past"):
        run("--since", since)


def test_prints_the_same_for_people(figures: None) -> None:
    printed = run()

    assert "8 issued, 10 refused" in printed
    assert "unknown_client" in printed
    assert "Billing sync" in printed


def test_tells_of_secrets_that_end_and_clients_to_look_at() -> None:
    soon = register("Soon", secret_expires_at=timezone.now() + timedelta(days=2))
    owner = User.objects.create_user("ana", is_active=False)
    left = register("Left behind", owner=owner)

    printed = report()

    assert [one["client_id"] for one in printed["expiring_secrets"]] == [soon.client_id]
    reasons = {one["reason"]: one["client_ids"] for one in printed["needs_attention"]}
    assert reasons == {"owner_inactive": [left.client_id]}
    assert f"owner_inactive:\n    {left.client_id}  Left behind\n" in run()


def test_tells_of_a_client_that_still_uses_its_old_secret(machine: Machine) -> None:
    old = machine.row.secrets.get()
    ClientSecret.objects.filter(pk=old.pk).update(last_used_at=timezone.now())
    machine.row.secrets.create(
        digest="sha256$new", created_at=timezone.now(), last_used_at=timezone.now()
    )

    assert [one["reason"] for one in report()["needs_attention"]] == ["not_moved"]


def test_tells_of_scopes_that_are_not_requested(machine: Machine) -> None:
    long_ago = timezone.now() - timedelta(days=200)
    machine.row.access.update(granted_at=long_ago)
    machine.row.access.filter(scope__name="orders:read").update(
        last_requested_on=timezone.now().date()
    )

    assert [one["reason"] for one in report()["needs_attention"]] == ["unused_scopes"]


def test_lists_twenty_and_counts_the_rest() -> None:
    owner = User.objects.create_user("ana", is_active=False)
    for number in range(22):
        register(f"Client {number:02}", owner=owner)

    [notice] = report()["needs_attention"]

    assert len(notice["client_ids"]) == 20
    assert notice["more"] == 2


@pytest.mark.parametrize("hours", ["0", "-1", "abc", "99999"])
def test_refuses_a_time_it_cannot_sum_up(hours: str) -> None:
    with pytest.raises(CommandError, match="a number from 1 to"):
        run("--hours", hours)
