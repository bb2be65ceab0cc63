"""The audit trail in the console: read by those who may, changed by nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_cc.console import audit_events
from django_cc.models import AuditEvent
from tests.audit_events import REFERENCE, add_event, add_refusal
from tests.console.console import create_user, page_url, read
from tests.machines import register

pytestmark = pytest.mark.django_db


def visit(user: Any, page: str, *args: Any, **query: Any) -> Any:
    browser = Client()
    browser.force_login(user)
    url = reverse(f"admin:django_cc_auditevent_{page}", args=args)
    return browser.get(url, query, secure=True)


@pytest.fixture
def auditor(db: None) -> Any:
    """Ida, who may look at the trail of every client and at nothing else."""
    return create_user("ida", "view_auditevent", "access_all_clients")


@pytest.fixture
def root(django_user_model: Any) -> Any:
    """A superuser."""
    return django_user_model.objects.create_superuser("root")


def listed(answer: Any) -> set[str]:
    return {event.actor for event in answer.context["cl"].result_list}


def test_lists_what_happened_to_whom_and_who_did_it(auditor: Any) -> None:
    add_event(client_id="c1", client_name="Billing sync", reason="laptop stolen")
    add_refusal(address="192.0.2.7")

    text = read(visit(auditor, "changelist"))

    for words in ("Machine client disabled", "Billing sync", "c1", "laptop stolen", "192.0.2.7"):
        assert words in text
    assert REFERENCE in text


def test_writes_times_as_every_page_does(auditor: Any) -> None:
    event = add_event(time=datetime(2026, 11, 23, 19, 40, 5, tzinfo=UTC))

    for page, args in [("changelist", []), ("change", [event.pk])]:
        text = read(visit(auditor, page, *args))
        assert ">23 Nov 2026, 19:40 UTC</time>" in text
        assert 'title="2026-11-23 19:40:05+00:00"' in text


def test_is_sorted_by_time_the_newest_first_unless_told(auditor: Any) -> None:
    add_event(actor="old", age=timedelta(hours=1))
    add_event(actor="new")

    disabled = {"event__exact": "client_disabled"}

    newest = visit(auditor, "changelist", **disabled).context["cl"].result_list
    oldest = visit(auditor, "changelist", **disabled, o="0").context["cl"].result_list

    assert [event.actor for event in newest] == ["new", "old"]
    assert [event.actor for event in oldest] == ["old", "new"]


def test_leads_to_identify_for_who_may_see_clients(auditor: Any, developer: Any) -> None:
    url = page_url("identify")

    assert url in read(visit(developer, "changelist"))
    assert url not in read(visit(auditor, "changelist"))


def test_shows_all_there_is_to_an_event_without_a_form(auditor: Any) -> None:
    event = add_event(client_id="c1", detail="dccs_ab…xy9z", reason="laptop stolen")

    text = read(visit(auditor, "change", event.pk))

    assert "dccs_ab…xy9z" in text
    assert 'name="_save"' not in text
    assert "laptop stolen" in text


@pytest.mark.parametrize("name", ["<b>bold</b>", "<script>alert(1)</script>"])
def test_shows_names_as_text(auditor: Any, name: str) -> None:
    add_event(client_id="c1", client_name=name)

    assert name not in visit(auditor, "changelist").content.decode()


@pytest.mark.parametrize(
    ("term", "expected"),
    [("c1", {"ana"}), (REFERENCE, {"eve"}), ("c", set()), (REFERENCE[:8], set())],
    ids=["client ID", "reference", "part of one", "part of the other"],
)
def test_finds_whole_client_ids_and_references(auditor: Any, term: str, expected: set[str]) -> None:
    add_event(actor="ana", client_id="c1")
    add_refusal(actor="eve", client_id="c2")

    assert listed(visit(auditor, "changelist", q=term)) == expected


def test_narrows_by_event_and_result(auditor: Any) -> None:
    add_event(actor="ana")
    add_refusal(actor="eve")

    assert listed(visit(auditor, "changelist", event__exact="client_disabled")) == {"ana"}
    assert listed(visit(auditor, "changelist", result__exact="refused")) == {"eve"}


def test_is_closed_to_who_may_not_look() -> None:
    event = add_event()
    ben = create_user("ben", "view_machineclient")

    assert visit(ben, "changelist").status_code == 403
    assert visit(ben, "change", event.pk).status_code == 403


@pytest.mark.parametrize("page", ["add", "delete"])
def test_not_even_a_superuser_adds_or_removes_events(root: Any, page: str) -> None:
    event = add_event()

    answer = visit(root, page, *([event.pk] if page == "delete" else []))

    assert answer.status_code == 403


@pytest.mark.parametrize("page", ["add", "change", "delete", "changelist"])
def test_not_even_a_superuser_gets_a_forged_post_through(root: Any, page: str) -> None:
    event = add_event()
    before = list(AuditEvent.objects.values())
    browser = Client()
    browser.force_login(root)
    args = [event.pk] if page in {"change", "delete"} else []
    forged = {"actor": "mallory", "post": "yes", "action": "delete_selected"}

    browser.post(
        reverse(f"admin:django_cc_auditevent_{page}", args=args),
        {**forged, "_selected_action": event.pk},
        secure=True,
    )

    assert list(AuditEvent.objects.values()) == before


def count_queries(user: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert visit(user, "changelist").status_code == 200
    return len(queries)


def test_asks_the_same_number_of_questions_for_any_number_of_events(auditor: Any) -> None:
    for number in range(3):
        add_event(age=timedelta(days=number))
    few = count_queries(auditor)
    for number in range(40):
        add_refusal(age=timedelta(days=number), reference=f"r{number}")

    assert count_queries(auditor) <= few


def test_never_counts_the_whole_trail(auditor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_events, "MOST_LISTED", 2)
    for _number in range(5):
        add_event()

    answer = visit(auditor, "changelist")

    assert answer.context["cl"].result_count == 2


@pytest.fixture
def developer(db: None) -> Any:
    """Ben, who may look at his own clients and their events."""
    return create_user("ben", "view_auditevent", "view_machineclient")


def test_shows_only_events_of_clients_that_the_user_sees(developer: Any) -> None:
    his, other = register("His", owner=developer), register("Other")
    hidden = [add_event(client_id=other.client_id), add_event("api_created")]

    events = visit(developer, "changelist").context["cl"].result_list

    assert {event.client_id for event in events} == {his.client_id}
    for event in hidden:
        assert visit(developer, "change", event.pk).status_code == 302


def test_finds_no_reference_of_a_client_that_the_user_does_not_see(developer: Any) -> None:
    add_refusal(client_id=register("Other").client_id)

    assert listed(visit(developer, "changelist", q=REFERENCE)) == set()


def test_finds_a_reference_with_the_words_around_it(auditor: Any) -> None:
    add_refusal(actor="eve")

    assert listed(visit(auditor, "changelist", q=f"(reference {REFERENCE})")) == {"eve"}


def test_leads_to_the_client(developer: Any) -> None:
    his = register("His", owner=developer)
    event = add_event(client_id=his.client_id, client_name="As it was called")
    url = reverse("admin:django_cc_machineclient_change", args=[his.row.pk])

    for page, args in [("changelist", []), ("change", [event.pk])]:
        assert f'<a href="{url}">As it was called</a>' in read(visit(developer, page, *args))


def test_leads_nowhere_for_who_may_not_open_clients(auditor: Any) -> None:
    register("Other")

    assert "/machineclient/" not in read(visit(auditor, "changelist"))


def test_explains_a_refusal_in_words(auditor: Any) -> None:
    event = add_refusal("expired_secret", client_id="c1")

    text = read(visit(auditor, "change", event.pk))

    assert "The client secret was right, but it had expired" in text


def test_says_how_to_export(auditor: Any) -> None:
    text = read(visit(auditor, "changelist"))

    assert "manage.py cc_audit export" in text


def test_says_of_a_program_that_it_is_one_and_its_id_once(auditor: Any) -> None:
    add_refusal(actor="c1c1c1", client_id="c1c1c1", address="192.0.2.7")

    text = read(visit(auditor, "changelist"))

    assert 'Machine client<br><span dir="ltr">192.0.2.7</span>' in text
    assert text.count("c1c1c1") == 1
