"""The tab "Limits": how long, how often, from where, and until when."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.models import MachineClient, UsageHour
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine


@pytest.fixture
def editor(db: None) -> Console:
    """The console as ben sees it, who may edit any client."""
    rights = ("view_machineclient", "access_all_clients", "change_machineclient")
    return Console(create_user("ben", *rights))


def save(console: Console, machine: Machine, **fields: Any) -> HttpResponse:
    return console.submit("limits", machine.row.pk, **{"version": machine.row.version, **fields})


def test_saves_every_limit(editor: Console, machine: Machine) -> None:
    answer = save(
        editor,
        machine,
        token_lifetime="120",
        rate="30",
        allowed_networks="10.0.0.0/8\n2001:db8::/32",
        expires_at="2099-01-02T03:04:05",
    )

    client = MachineClient.objects.get()
    assert answer["Location"] == page_url("limits", machine.row.pk)
    assert (client.token_lifetime, client.rate) == (120, 30)
    assert client.allowed_networks == ["10.0.0.0/8", "2001:db8::/32"]
    assert client.expires_at == datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_shows_what_there_is_and_lifts_it(editor: Console, machine: Machine) -> None:
    end = datetime.now(UTC) + timedelta(days=3)
    update_client(machine.row, Changes(rate=30, expires_at=end), ACTOR)
    machine.row.refresh_from_db()

    shown = read(editor.visit("limits", machine.row.pk))
    save(editor, machine)

    client = MachineClient.objects.get()
    assert 'value="30"' in shown
    assert f"{end:%Y-%m-%dT%H:%M:%S}" in shown
    assert (client.rate, client.expires_at) == (None, None)


def test_what_is_saved_as_it_was_shown_changes_nothing(editor: Console, machine: Machine) -> None:
    end = datetime.now(UTC) + timedelta(days=3)
    update_client(machine.row, Changes(expires_at=end), ACTOR)
    machine.row.refresh_from_db()

    save(editor, machine, expires_at=f"{end:%Y-%m-%dT%H:%M:%S}")

    client = MachineClient.objects.get()
    assert (client.expires_at, client.version) == (end, machine.row.version)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"allowed_networks": "10.0.0.1/33"}, "“10.0.0.1/33” is not a network"),
        ({"token_lifetime": "59"}, "greater than or equal to 60"),
        ({"rate": "0"}, "greater than or equal to 1"),
        ({"rate": "9" * 30}, "rate"),
        ({"expires_at": "2001-01-01T00:00:00"}, "The end must be in the future"),
        ({"expires_at": "soon"}, "Enter a valid date/time."),
    ],
)
def test_a_wrong_limit_is_refused_and_what_was_typed_is_kept(
    editor: Console, machine: Machine, fields: dict[str, str], problem: str
) -> None:
    answer = save(editor, machine, **fields)

    assert answer.status_code == 200
    assert problem in read(answer)
    assert next(iter(fields.values())) in read(answer)
    assert MachineClient.objects.get().version == machine.row.version


def test_tells_the_second_of_two_who_edit(editor: Console, machine: Machine) -> None:
    update_client(machine.row, Changes(rate=5), ACTOR)

    answer = save(editor, machine, rate="30", allowed_networks="10.0.0.0/8")

    text = read(answer)
    assert MachineClient.objects.get().rate == 5
    assert answer.status_code == 409
    assert re.search(r"Changed by tests on .* while you were editing\. Nothing was saved\.", text)
    assert "10.0.0.0/8" in text
    assert f'href="{page_url("limits", machine.row.pk)}">Reload' in text


def test_counts_what_the_limits_refused(editor: Console, machine: Machine) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    common = {"client_id": machine.client_id, "outcome": "refused"}
    UsageHour.objects.create(hour=hour, reason="rate_limited", count=7, **common)
    UsageHour.objects.create(hour=hour, reason="client_expired", count=2, **common)
    UsageHour.objects.create(
        hour=hour - timedelta(days=9), reason="network_not_allowed", count=3, **common
    )

    text = read(editor.visit("limits", machine.row.pk))

    assert "Refused for the rate: 7 in 24 hours, 7 in 30 days." in text
    assert "Refused for the network: 0 in 24 hours, 3 in 30 days." in text
    assert "Refused after its end: 2 in 24 hours, 2 in 30 days." in text


def test_warns_that_the_reader_is_outside_the_networks(editor: Console, machine: Machine) -> None:
    update_client(machine.row, Changes(allowed_networks=["10.0.0.0/8"]), ACTOR)
    warned = read(editor.visit("limits", machine.row.pk))
    update_client(machine.row, Changes(allowed_networks=["127.0.0.0/8"]), ACTOR)

    assert "Your address 127.0.0.1 is not in the list" in warned
    assert "Your address" not in read(editor.visit("limits", machine.row.pk))


def test_without_the_right_nothing_can_be_saved(console: Console, machine: Machine) -> None:
    text = read(console.visit("limits", machine.row.pk))

    assert "Save limits" not in text
    assert save(console, machine, rate="3").status_code == 403
    assert MachineClient.objects.get().rate is None


def test_leaves_the_audience_of_assertions_to_those_who_make_credentials(
    db: None, machine: Machine
) -> None:
    rights = ("view_machineclient", "change_machineclient", "access_all_clients")
    editor = Console(create_user("editor", *rights))

    answer = editor.submit(
        "limits", machine.row.pk, version=machine.row.version, accepts_endpoint_audience="on"
    )

    machine.row.refresh_from_db()
    assert answer.status_code == 302
    assert not machine.row.accepts_endpoint_audience
