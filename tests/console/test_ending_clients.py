"""Revoking all tokens of a client, and deleting one: each after a page that says what happens."""

from typing import Any

import pytest
from django.utils import timezone

from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import AuditEvent, MachineClient
from tests.console.console import Console, create_user, page_url, read
from tests.console.usage import count
from tests.machines import ACTOR, Machine, TokenEndpoint, introspect, register

DELETE = {"typed": "Billing sync", "reason": "Not needed any more"}


def exists(machine: Machine) -> bool:
    return MachineClient.objects.filter(pk=machine.row.pk).exists()


@pytest.fixture
def disabled(machine: Machine) -> Machine:
    """A client that has been disabled."""
    disable_client(machine.row, ACTOR)
    return machine


@pytest.mark.parametrize("page", ["disable", "revoke_tokens"])
def test_says_how_much_the_client_is_used(
    admin_console: Console, machine: Machine, page: str
) -> None:
    machine.row.secrets.update(last_used_at=timezone.now(), last_used_address="10.2.0.7")
    count(machine, issued=1204)

    text = read(admin_console.visit(page, machine.row.pk)).replace("\xa0", " ")

    assert "Used just now from 10.2.0.7; 1204 tokens in 24 hours." in text


def test_revokes_all_tokens(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    caller = register("Caller", ["introspection"])
    token = token_endpoint.access_token(machine)

    admin_console.visit("revoke_tokens", machine.row.pk)
    before = introspect(machine, token)["active"]
    answer = admin_console.submit("revoke_tokens", machine.row.pk, reason="Leak")

    assert answer["Location"] == page_url("change", machine.row.pk)
    assert (before, introspect(caller, token)["active"]) == (True, False)
    assert token_endpoint.access_token(machine)
    event = AuditEvent.objects.get(event="tokens_revoked")
    assert (event.actor, event.reason) == ("root", "Leak")


def test_says_what_revoking_does_not_stop(admin_console: Console, machine: Machine) -> None:
    text = read(admin_console.visit("revoke_tokens", machine.row.pk))

    assert "APIs that check tokens offline accept them until they expire, 10 minutes" in text
    assert "It may get new tokens at once with the credentials it has." in text


def test_deletes_a_disabled_client_whose_name_is_typed(
    admin_console: Console, disabled: Machine
) -> None:
    answer = admin_console.submit("delete", disabled.row.pk, **DELETE)

    assert answer["Location"] == page_url("changelist")
    assert not exists(disabled)
    event = AuditEvent.objects.get(event="client_deleted")
    assert (event.client_id, event.reason) == (disabled.client_id, "Not needed any more")
    assert "“Billing sync” is deleted." in read(admin_console.visit("changelist"))


def test_the_title_says_that_something_is_wrong(admin_console: Console, disabled: Machine) -> None:
    answer = admin_console.submit("delete", disabled.row.pk, typed="billing sync", reason="x")

    assert "<title>Error: Delete “Billing sync”" in read(answer)


@pytest.mark.parametrize(
    "form", [{}, {"typed": "billing sync", "reason": "x"}, {"typed": "Billing sync"}], ids=str
)
def test_deletes_nothing_without_its_name_and_a_reason(
    admin_console: Console, disabled: Machine, form: dict[str, str]
) -> None:
    answer = admin_console.submit("delete", disabled.row.pk, **form)

    assert answer.status_code == 200
    assert exists(disabled)


@pytest.mark.parametrize("verb", ["visit", "submit"])
def test_an_enabled_client_must_be_disabled_first(
    admin_console: Console, machine: Machine, verb: str
) -> None:
    send: Any = getattr(admin_console, verb)

    answer = send("delete", machine.row.pk, **(DELETE if verb == "submit" else {}))

    assert answer["Location"] == page_url("change", machine.row.pk)
    assert exists(machine)
    page = read(admin_console.visit("change", machine.row.pk))
    assert "Disable the client first: deleting cannot be undone." in page


@pytest.mark.parametrize("page", ["delete", "revoke_tokens"])
def test_who_lacks_the_right_is_denied_and_the_trail_told(
    console: Console, disabled: Machine, page: str
) -> None:
    shown, answer = console.visit(page, disabled.row.pk), console.submit(page, disabled.row.pk)

    assert (shown.status_code, answer.status_code) == (403, 403)
    assert exists(disabled)
    event = AuditEvent.objects.get(event="action_denied")
    assert (event.client_id, event.detail) == (disabled.client_id, page)


@pytest.mark.parametrize("page", ["delete", "revoke_tokens"])
def test_a_client_of_another_is_not_there(disabled: Machine, page: str) -> None:
    rights = ("view_machineclient", "delete_machineclient", "revoke_tokens")
    ben = Console(create_user("ben", *rights))

    answer = ben.submit(page, disabled.row.pk, **DELETE)

    assert answer["Location"] == "/admin/"
    assert exists(disabled)
    assert not AuditEvent.objects.filter(event="tokens_revoked").exists()
