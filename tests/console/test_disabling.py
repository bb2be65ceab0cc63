"""Disabling and enabling a client, each after a page that says what will happen."""

import pytest

from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import AuditEvent, MachineClient
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, TokenEndpoint

PROTECTED = "/api/scoped/"


@pytest.fixture
def disabled(machine: Machine) -> Machine:
    """A client that has been disabled."""
    disable_client(machine.row, ACTOR, reason="Leaked in a log")
    return machine


def find_client() -> MachineClient:
    return MachineClient.objects.get()


def test_asking_changes_nothing(console: Console, machine: Machine) -> None:
    answer = console.visit("disable", machine.row.pk)

    assert answer.status_code == 200
    assert find_client().is_enabled


def test_says_what_will_happen(console: Console, machine: Machine) -> None:
    text = read(console.visit("disable", machine.row.pk))

    assert "Disable “Billing sync”" in text
    assert "Tokens issued already stop here within 5 seconds, for good." in text
    assert "APIs that check tokens offline accept them until they expire, 10 minutes" in text
    assert "No, take me back" in text


def test_disables_by_post_and_returns_to_the_client(console: Console, machine: Machine) -> None:
    answer = console.submit("disable", machine.row.pk)

    assert answer.status_code == 302
    assert answer["Location"] == page_url("change", machine.row.pk)
    assert not find_client().is_enabled


def test_says_that_it_is_disabled(console: Console, machine: Machine) -> None:
    console.submit("disable", machine.row.pk)

    assert "“Billing sync” is disabled." in read(console.visit("change", machine.row.pk))


def test_keeps_reason_and_actor(console: Console, machine: Machine) -> None:
    console.submit("disable", machine.row.pk, reason="  Leaked in \n a log ")

    client = find_client()
    assert (client.disabled_by, client.disabled_reason) == ("ana", "Leaked in a log")


def test_records_who_disabled_it_from_where_and_why(console: Console, machine: Machine) -> None:
    console.submit("disable", machine.row.pk, reason="Leaked in a log")

    event = AuditEvent.objects.get(event=AuditEvent.Event.CLIENT_DISABLED)
    assert (event.actor_kind, event.actor, event.address) == ("user", "ana", "127.0.0.1")
    assert event.reason == "Leaked in a log"


def test_a_reason_that_is_too_long_is_refused_and_kept(console: Console, machine: Machine) -> None:
    answer = console.submit("disable", machine.row.pk, reason="x" * 300)

    assert find_client().is_enabled
    assert "at most 255 characters" in read(answer)
    assert "x" * 300 in read(answer)


@pytest.mark.parametrize("reason", ["a\x00b", "line\u2028break"])
def test_a_strange_reason_is_no_server_error(
    console: Console, machine: Machine, reason: str
) -> None:
    answer = console.submit("disable", machine.row.pk, reason=reason)

    assert answer.status_code in {200, 302, 400}


def test_disabling_twice_records_once(console: Console, disabled: Machine) -> None:
    console.submit("disable", disabled.row.pk, reason="Again")

    assert AuditEvent.objects.filter(event=AuditEvent.Event.CLIENT_DISABLED).count() == 1
    assert find_client().disabled_reason == "Leaked in a log"


def test_a_disabled_client_gets_no_token(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    console.submit("disable", machine.row.pk)

    assert token_endpoint.post(authorization=machine.basic()).status_code == 401


def test_enabling_is_asked_for_first(console: Console, disabled: Machine) -> None:
    answer = console.visit("enable", disabled.row.pk)

    assert "Tokens from before it was disabled stay dead." in read(answer)
    assert not find_client().is_enabled


def test_an_enabled_client_gets_tokens_with_the_secret_it_has(
    console: Console, disabled: Machine, token_endpoint: TokenEndpoint
) -> None:
    console.submit("enable", disabled.row.pk)

    assert token_endpoint.access_token(disabled)


def test_records_who_enabled_it(console: Console, disabled: Machine) -> None:
    console.submit("enable", disabled.row.pk)

    event = AuditEvent.objects.get(event=AuditEvent.Event.CLIENT_ENABLED)
    assert (event.actor, event.address) == ("ana", "127.0.0.1")


def test_a_token_from_before_stays_dead_after_enabling(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token = token_endpoint.access_token(machine)
    bearer = {"authorization": f"Bearer {token}"}
    alive = console.browser.get(PROTECTED, headers=bearer, secure=True).status_code

    console.submit("disable", machine.row.pk)
    console.submit("enable", machine.row.pk)

    dead = console.browser.get(PROTECTED, headers=bearer, secure=True).status_code
    assert (alive, dead) == (200, 401)


@pytest.mark.parametrize("rights", [(), ("view_machineclient", "add_machineclient")])
def test_needs_the_right_to_disable(machine: Machine, rights: tuple[str, ...]) -> None:
    ben = Console(create_user("ben", *rights))

    answer = ben.submit("disable", machine.row.pk)

    assert answer.status_code == 403
    assert find_client().is_enabled


def test_the_page_of_a_client_offers_what_can_be_done(console: Console, machine: Machine) -> None:
    enabled_page = read(console.visit("change", machine.row.pk))
    console.submit("disable", machine.row.pk)
    disabled_page = read(console.visit("change", machine.row.pk))

    assert page_url("disable", machine.row.pk) in enabled_page
    assert page_url("enable", machine.row.pk) in disabled_page
    assert page_url("disable", machine.row.pk) not in disabled_page


@pytest.mark.parametrize("page", ["disable", "enable"])
def test_no_other_method_disables_or_enables(console: Console, machine: Machine, page: str) -> None:
    console.browser.put(page_url(page, machine.row.pk), secure=True)

    assert find_client().is_enabled
