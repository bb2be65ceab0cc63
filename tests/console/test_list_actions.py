"""What can be done to many clients of the list at once."""

from collections.abc import Sequence
from typing import Any

import pytest

from django_cc.authorization_server.clients.state import disable_client
from django_cc.console.clients import bulk_actions
from django_cc.models import AuditEvent, MachineClient
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, TokenEndpoint, introspect, register


@pytest.fixture
def operator(db: None) -> Console:
    """The console as one sees it who may stop things."""
    rights = ("view_machineclient", "access_all_clients", "disable_client", "revoke_tokens")
    return Console(create_user("kim", *rights))


@pytest.fixture
def fleet(db: None) -> list[Machine]:
    """Two enabled clients and a disabled one."""
    machines = [register("One"), register("Two"), register("Off")]
    disable_client(machines[2].row, ACTOR)
    return machines


def choose(console: Console, action: str, machines: Sequence[Machine], **fields: Any) -> Any:
    """Run an action on clients of the list."""
    chosen = [machine.row.pk for machine in machines]
    return console.submit("changelist", action=action, _selected_action=chosen, **fields)


def list_enabled() -> list[str]:
    clients = MachineClient.objects.filter(disabled_at=None).order_by("name")
    return list(clients.values_list("name", flat=True))


def test_asks_first(operator: Console, fleet: list[Machine]) -> None:
    text = read(choose(operator, "disable_clients", fleet))

    assert "Disable 2 machine clients" in text
    assert "1 is skipped: it is disabled already." in text
    assert "Never used; 0 tokens in 24 hours." in text
    assert list_enabled() == ["One", "Two"]


def test_disables_those_it_named_and_keeps_the_reason(
    operator: Console, fleet: list[Machine]
) -> None:
    choose(operator, "disable_clients", fleet[:2], confirmed="yes", reason="Incident 7")

    assert list_enabled() == []
    events = AuditEvent.objects.filter(event="client_disabled", actor="kim")
    assert [event.reason for event in events] == ["Incident 7"] * 2
    assert "2 machine clients are disabled." in read(operator.visit("changelist"))


def test_says_what_was_skipped(operator: Console, fleet: list[Machine]) -> None:
    choose(operator, "enable_clients", fleet, confirmed="yes")

    text = read(operator.visit("changelist"))
    assert "1 machine client is enabled. 2 are skipped: they are enabled already." in text
    assert list_enabled() == ["Off", "One", "Two"]


def test_asks_nothing_where_there_is_nothing_to_do(operator: Console, fleet: list[Machine]) -> None:
    answer = choose(operator, "enable_clients", fleet[:1])

    assert answer.status_code == 302
    assert "1 is skipped: it is enabled already." in read(operator.visit("changelist"))


def test_kills_tokens_when_the_count_is_typed(
    operator: Console, token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    other = register("Other", ["introspection"])
    token = token_endpoint.access_token(machine)
    form = {"confirmed": "yes", "reason": "Leak"}

    wrong = choose(operator, "revoke_all_tokens", [machine, other], typed="1", **form)
    alive = introspect(machine, token)["active"]
    choose(operator, "revoke_all_tokens", [machine, other], typed="2", **form)

    assert "Type exactly: 2" in read(wrong)
    assert (alive, introspect(machine, token)["active"]) == (True, False)
    assert list_enabled() == ["Billing sync", "Other"]


def test_skips_tokens_that_are_dead_already(operator: Console, fleet: list[Machine]) -> None:
    text = read(choose(operator, "revoke_all_tokens", fleet))

    assert "1 is skipped: it is disabled, so its tokens are dead already." in text


def test_refuses_a_reason_it_cannot_keep_and_does_nothing(
    operator: Console, fleet: list[Machine]
) -> None:
    answer = choose(operator, "disable_clients", fleet, confirmed="yes", reason="x" * 300)

    assert "at most 255 characters" in read(answer)
    assert list_enabled() == ["One", "Two"]


def test_takes_no_more_than_it_can_show(
    operator: Console, fleet: list[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "MOST_AT_ONCE", 1)

    choose(operator, "disable_clients", fleet[:1], select_across="1", confirmed="yes")

    assert "Choose at most 1 machine clients at once." in read(operator.visit("changelist"))
    assert list_enabled() == ["One", "Two"]


def test_reaches_no_client_of_others(fleet: list[Machine]) -> None:
    dev = Console(create_user("dev", "view_machineclient", "disable_client"))
    mine = register("Mine", owner=dev.user)
    skipped = "1 is skipped: you may not see it, or it is not in this list any more."

    asked = read(choose(dev, "disable_clients", [fleet[0], mine]))
    choose(dev, "disable_clients", [fleet[0], mine], confirmed="yes")

    assert ("Disable 1 machine client" in asked, skipped in asked) == (True, True)
    assert list_enabled() == ["One", "Two"]
    assert f"1 machine client is disabled. {skipped}" in read(dev.visit("changelist"))


def test_asks_nothing_where_none_of_the_chosen_is_seen(fleet: list[Machine]) -> None:
    dev = Console(create_user("dev", "view_machineclient", "disable_client"))

    answer = choose(dev, "disable_clients", fleet[:2])

    assert answer.status_code == 302
    assert "2 are skipped: you may not see them" in read(dev.visit("changelist"))


@pytest.mark.parametrize("action", ["disable_clients", "enable_clients", "revoke_all_tokens"])
def test_a_forged_action_is_denied_and_told(
    fleet: list[Machine], console: Console, action: str
) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))

    answer = choose(ben, action, fleet, confirmed="yes", typed="2", reason="x")

    assert answer.status_code == 403
    event = AuditEvent.objects.get(event="action_denied")
    assert (event.actor, event.detail, event.result) == ("ben", action, "refused")
    assert list_enabled() == ["One", "Two"]


def test_offers_what_the_user_may_do(operator: Console, fleet: list[Machine]) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients"))
    text = read(operator.visit("changelist"))

    offered = ("disable_clients", "enable_clients", "revoke_all_tokens")
    assert [name for name in offered if f'value="{name}"' not in text] == []
    assert "delete_selected" not in text
    assert "_selected_action" not in read(ben.visit("changelist"))


def test_returns_to_the_list_as_it_was_filtered(operator: Console, fleet: list[Machine]) -> None:
    filtered = f"{page_url('changelist')}?q=One&authentication=client_secret"
    form = {"action": "disable_clients", "_selected_action": fleet[0].row.pk}

    answer: Any = operator.browser.post(filtered, form, secure=True)

    assert f'href="{filtered}">No, take me back' in read(answer)
