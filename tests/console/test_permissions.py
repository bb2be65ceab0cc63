"""Who may do what in the console; a missing right hides the button and refuses the request."""

from typing import Any

import pytest
from django.contrib.admin.options import IS_POPUP_VAR
from django.test import Client

from django_cc.models import MachineClient
from tests.console.console import (
    REGISTRAR,
    Console,
    create_user,
    fill_in,
    find_secrets,
    page_url,
    read,
)
from tests.machines import Machine


@pytest.fixture
def reader(db: None) -> Console:
    """The console as ben sees it, who may only look."""
    return Console(create_user("ben", "view_machineclient", "access_all_clients"))


@pytest.fixture
def registrar(db: None) -> Console:
    """The console as eve sees it, who may register and not look."""
    return Console(create_user("eve", *REGISTRAR, "access_all_clients"))


@pytest.mark.parametrize(
    "page",
    [
        "changelist",
        "add",
        "change",
        "disable",
        "enable",
        "revoke_tokens",
        "delete",
        "activity",
        "history",
    ],
)
def test_sends_strangers_to_the_login(db: None, machine: Machine, page: str) -> None:
    args = [] if page in {"changelist", "add"} else [machine.row.pk]

    answer: Any = Client().get(page_url(page, *args), secure=True)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "page", ["replace_secret", "change", "disable", "enable", "revoke_tokens", "delete"]
)
def test_refuses_a_post_without_a_csrf_token(
    admin_console: Console, machine: Machine, page: str
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_console.user)

    answer: Any = browser.post(page_url(page, machine.row.pk), secure=True)

    assert answer.status_code == 403


def test_who_may_only_look_gets_no_form(reader: Console) -> None:
    assert reader.visit("add").status_code == 403


def test_who_may_only_look_cannot_register_by_a_forged_post(reader: Console) -> None:
    answer = reader.register()

    assert answer.status_code == 403
    assert not MachineClient.objects.exists()


def test_who_may_only_look_is_offered_nothing_to_do(reader: Console, machine: Machine) -> None:
    text = read(reader.visit("change", machine.row.pk)) + read(reader.visit("changelist"))

    assert page_url("disable", machine.row.pk) not in text
    assert page_url("add") not in text


def test_who_may_only_look_gets_an_empty_list_without_a_button(reader: Console) -> None:
    text = read(reader.visit("changelist"))

    assert "No machine clients yet." in text
    assert page_url("add") not in text


@pytest.mark.parametrize("page", ["disable", "enable"])
def test_who_may_only_look_cannot_stop_or_start_a_client(
    reader: Console, machine: Machine, page: str
) -> None:
    assert reader.visit(page, machine.row.pk).status_code == 403
    assert reader.submit(page, machine.row.pk).status_code == 403


def test_who_may_register_and_not_look_gets_the_secret(registrar: Console) -> None:
    assert find_secrets(registrar.register())


def test_who_may_not_look_gets_no_link_to_the_client(registrar: Console) -> None:
    answer = registrar.register()

    assert page_url("change", MachineClient.objects.get().pk) not in read(answer)


def test_who_may_not_look_gets_no_link_after_a_repetition(registrar: Console) -> None:
    submission = fill_in()
    registrar.submit("add", **submission)

    answer = registrar.submit("add", **submission)

    assert page_url("change", MachineClient.objects.get().pk) not in read(answer)


@pytest.mark.parametrize("page", ["change", "history", "disable", "activity"])
def test_who_may_not_look_sees_no_page_of_a_client(
    registrar: Console, machine: Machine, page: str
) -> None:
    assert registrar.visit(page, machine.row.pk).status_code == 403


def test_who_may_not_look_sees_no_list(registrar: Console) -> None:
    assert registrar.visit("changelist").status_code == 403


def test_a_popup_gets_no_form_as_it_would_close_over_the_secret(console: Console) -> None:
    assert console.visit("add", query={IS_POPUP_VAR: "1"}).status_code == 403


def test_a_popup_registers_nothing(console: Console) -> None:
    answer = console.register(**{IS_POPUP_VAR: "1"})

    assert answer.status_code == 403
    assert not MachineClient.objects.exists()


@pytest.mark.parametrize("page", ["disable", "enable", "revoke_tokens", "delete"])
def test_there_is_no_page_of_a_client_that_is_not_there(admin_console: Console, page: str) -> None:
    for answer in (admin_console.visit(page, 999_999), admin_console.submit(page, 999_999)):
        assert answer.status_code == 302
        assert answer["Location"] == "/admin/"


def test_no_bulk_action_deletes_clients(admin_console: Console, machine: Machine) -> None:
    form = {"action": "delete_selected", "_selected_action": machine.row.pk, "post": "yes"}

    admin_console.submit("changelist", **form)

    assert MachineClient.objects.filter(pk=machine.row.pk).exists()


@pytest.mark.parametrize("page", ["disable", "enable"])
def test_who_may_not_look_may_not_change_the_state_either(machine: Machine, page: str) -> None:
    ben = Console(create_user("ben", "disable_client", "access_all_clients"))

    answer = ben.submit(page, machine.row.pk)

    assert answer.status_code == 403
    assert MachineClient.objects.get(pk=machine.row.pk).is_enabled
