"""What happened to a client, as those may know who see it."""

import pytest

from django_cc.authorization_server.clients.state import disable_client
from django_cc.console.clients import activity_tab
from tests.audit_events import REFERENCE, add_event, add_refusal
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, register


@pytest.fixture
def auditor(db: None) -> Console:
    """The console as one sees it who may read the trail."""
    return Console(
        create_user("kim", "view_machineclient", "access_all_clients", "view_auditevent")
    )


def look(console: Console, machine: Machine, **query: str) -> str:
    """Return the tab as text."""
    answer = console.visit("activity", machine.row.pk, query=query)
    assert answer.status_code == 200
    return read(answer)


def test_is_a_tab_of_the_client(auditor: Console, machine: Machine) -> None:
    overview = read(auditor.visit("change", machine.row.pk))

    assert f'href="{page_url("activity", machine.row.pk)}">Activity' in overview
    assert 'aria-current="page">Activity' in look(auditor, machine)


def test_explains_a_refusal_in_words_by_its_reference(auditor: Console, machine: Machine) -> None:
    detail = "The secret dccs_a1b2…9zQx expired at 2026-11-22T12:00:00Z."
    add_refusal("expired_secret", client_id=machine.client_id, detail=detail)

    text = look(auditor, machine)

    assert REFERENCE in text
    assert "The client secret was right, but it had expired" in text
    assert detail in text


def test_lists_the_newest_first(auditor: Console, machine: Machine) -> None:
    disable_client(machine.row, ACTOR, reason="Leaked in a log")

    text = look(auditor, machine)

    assert text.index("Machine client disabled") < text.index("Machine client registered")
    assert "Leaked in a log" in text


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("all", ["Token request refused", "Machine client registered", "Action denied"]),
        ("refused", ["Token request refused"]),
        ("changes", ["Machine client registered"]),
        ("denied", ["Action denied"]),
        ("<b>", ["Token request refused", "Machine client registered", "Action denied"]),
    ],
)
def test_filters_by_kind(auditor: Console, machine: Machine, kind: str, shown: list[str]) -> None:
    add_refusal(client_id=machine.client_id)
    add_event("action_denied", client_id=machine.client_id, result="refused")

    text = look(auditor, machine, kind=kind)

    every = ["Token request refused", "Machine client registered", "Action denied"]
    assert [event for event in every if event in text] == shown


def test_shows_nothing_of_other_clients(auditor: Console, machine: Machine) -> None:
    other = register("Other")
    add_refusal(client_id=other.client_id, detail="Of the other.")

    assert "Of the other." not in look(auditor, machine)


def test_who_sees_the_client_sees_why_it_was_refused_and_not_what_people_did(db: None) -> None:
    dev = Console(create_user("dev", "view_machineclient"))
    machine = register(owner=dev.user)
    add_refusal(client_id=machine.client_id)
    disable_client(machine.row, ACTOR, reason="Suspicious")

    for text in (look(dev, machine), look(dev, machine, kind="changes")):
        assert "wrong_secret" in text
        assert "Machine client registered" not in text
        assert "Suspicious" not in text


def test_pages_without_counting(
    auditor: Console, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_tab, "PER_PAGE", 2)
    for number in range(3):
        add_refusal(client_id=machine.client_id, detail=f"Number {number}.")

    first = look(auditor, machine, kind="refused")
    second = look(auditor, machine, kind="refused", page="2")

    assert "Number 2." in first
    assert "Number 0." not in first
    assert "?kind=refused&page=2" in first
    assert "Number 0." in second
    assert ">Older" not in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "٣"])
def test_takes_the_first_page_where_the_address_names_none(
    auditor: Console, machine: Machine, page: str
) -> None:
    assert "Machine client registered" in look(auditor, machine, page=page)


def test_says_that_nothing_is_there(auditor: Console, machine: Machine) -> None:
    assert "Nothing here, and that is fine." in look(auditor, machine, kind="denied")


def test_a_client_of_another_is_not_there(machine: Machine) -> None:
    dev = Console(create_user("dev", "view_machineclient", "view_auditevent"))

    assert dev.visit("activity", machine.row.pk).status_code == 302


def test_changes_nothing(auditor: Console, machine: Machine) -> None:
    assert auditor.submit("activity", machine.row.pk).status_code == 405
