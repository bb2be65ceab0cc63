"""Scenario 7: who decides, who holds secrets, who stops things and who looks on are divided."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import APIResponse, Locator, expect

from django_cc.models import AuditEvent, MachineClient
from tests.browser.scenarios.conftest import Enter
from tests.browser.visitor import Visitor
from tests.console.console import create_user, page_url
from tests.machines import Machine, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABS = ("credentials", "access", "limits", "tokens", "try", "activity")


@pytest.fixture
def theirs(site: str) -> Machine:
    """A client of ben's."""
    return register("Payroll export", ["orders:read"], owner=create_user("ben"))


def give(machine: Machine, username: str) -> User:
    """Make somebody the owner of a client."""
    owner = User.objects.get(username=username)
    MachineClient.objects.filter(pk=machine.row.pk).update(owner=owner)
    return owner


def forge(visitor: Visitor, page: str, *args: Any, **form: str) -> APIResponse:
    """Post what no page offered, in the visitor's session and with a CSRF token of theirs."""
    visitor.visit("changelist")
    token = visitor.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    address = f"{visitor.site}{page_url(page, *args)}"
    return visitor.page.context.request.post(address, form={"csrfmiddlewaretoken": token, **form})


def ask_for(visitor: Visitor, path: str) -> APIResponse:
    """Ask for an address in the visitor's session, without opening it."""
    return visitor.page.context.request.get(f"{visitor.site}{path}")


def offers(visitor: Visitor, page: str, *args: Any) -> bool:
    """Tell whether the page on the screen links to another."""
    return visitor.page.locator(f'a[href="{page_url(page, *args)}"]').count() > 0


def rows(visitor: Visitor) -> Locator:
    """Return the rows of the list."""
    return visitor.page.locator("#result_list tbody tr")


def list_denied(username: str) -> set[str]:
    """Return what was denied to somebody, as the trail tells it."""
    events = AuditEvent.objects.filter(event="action_denied", actor=username, result="refused")
    return {event.detail for event in events}


def test_a_developer_meets_no_client_of_others(enter: Enter, theirs: Machine) -> None:
    dev = enter("dev", "Developer")
    give(register("Billing sync"), "dev")

    dev.visit("changelist")
    expect(rows(dev)).to_have_count(1)
    expect(rows(dev)).to_contain_text("Billing sync")
    dev.page.locator("#searchbar").fill("Payroll")
    dev.press("Search")
    expect(rows(dev)).to_have_count(0)
    dev.visit("change", theirs.row.pk)
    expect(dev.page.get_by_text("doesn’t exist. Perhaps it was deleted?")).to_be_visible()
    dev.go("/admin/django_cc/dashboard/?range=7d")
    expect(dev.page.get_by_text("Your machine clients only")).to_be_visible()

    assert "Payroll" not in dev.page.content()


def test_no_address_tells_a_developer_of_others(enter: Enter, theirs: Machine) -> None:
    dev = enter("dev", "Developer")
    give(register("Billing sync"), "dev")
    addresses = [page_url(tab, theirs.row.pk) for tab in (*TABS, "disable", "history")]
    choices = "/admin/autocomplete/?app_label=django_cc&model_name=clientsecret&field_name=client"

    read = [ask_for(dev, address).text() for address in addresses]
    found = ask_for(dev, f"{choices}&term=").json()["results"]

    assert [text for text in read if "Payroll" in text or theirs.client_id in text] == []
    assert [one["id"] for one in found] == [str(MachineClient.objects.get(name="Billing sync").pk)]


def test_a_developer_cannot_give_their_own_client_access(enter: Enter, theirs: Machine) -> None:
    dev = enter("dev", "Developer")
    mine = register("Billing sync", ["orders:read"])
    give(mine, "dev")
    dev.visit("access", mine.row.pk)

    expect(dev.page.get_by_text("Ask someone who may grant access")).to_contain_text(
        "Machine access: Access approver group"
    )
    answer = forge(dev, "access", mine.row.pk, scopes="1", confirmed="yes")

    assert answer.status == 403
    assert mine.row.access.count() == 1
    assert list_denied("dev") == {"access"}


def test_an_approver_gives_access_and_makes_no_credential(enter: Enter, theirs: Machine) -> None:
    approver = enter("kim", "Access approver")
    secret = theirs.row.secrets.get()

    approver.visit("access", theirs.row.pk)
    approver.page.get_by_label("orders:write").check()
    approver.press("Save API access")
    approver.visit("credentials", theirs.row.pk)
    offered = [
        page
        for page in ("rotate_secret", "revoke_secret")
        if offers(approver, page, theirs.row.pk, secret.pk)
    ]
    denied = [
        forge(approver, "rotate_secret", theirs.row.pk, secret.pk, overlap="0").status,
        forge(approver, "create_secret", theirs.row.pk).status,
        forge(approver, "add_key", theirs.row.pk).status,
        forge(approver, "disable", theirs.row.pk).status,
    ]

    assert theirs.row.access.count() == 2
    assert (offered, denied) == ([], [403] * 4)
    assert list_denied("kim") == {"rotate_secret", "create_secret", "add_key", "disable"}
    assert theirs.row.secrets.get().is_live(secret.created_at)


def test_on_call_stops_and_makes_nothing(enter: Enter, theirs: Machine) -> None:
    on_call = enter("eve", "On-call")
    secret = theirs.row.secrets.get()

    on_call.visit("credentials", theirs.row.pk)
    expect(on_call.page.get_by_role("link", name="Rotate")).to_have_count(0)
    on_call.follow("Revoke")
    on_call.page.get_by_label("Reason").fill("Incident 7")
    on_call.press("Revoke secret")
    denied = [
        forge(on_call, "create_secret", theirs.row.pk).status,
        forge(on_call, "rotate_secret", theirs.row.pk, secret.pk).status,
        forge(on_call, "access", theirs.row.pk, confirmed="yes").status,
        forge(on_call, "add", name="Mine").status,
    ]

    assert denied == [403] * 4
    assert theirs.row.secrets.get().revoked_at is not None
    assert theirs.row.access.count() == 1
    assert MachineClient.objects.count() == 1


def test_an_auditor_reads_everything_and_changes_nothing(enter: Enter, theirs: Machine) -> None:
    auditor = enter("joe", "Auditor")
    buttons: list[str] = []

    for page in ("change", *TABS):
        auditor.visit(page, theirs.row.pk)
        posting = auditor.page.locator("#content form[method=post] [type=submit]")
        buttons += [f"{page}: {text}" for text in posting.all_inner_texts()]
    auditor.visit("changelist")
    boxes = auditor.page.locator("input.action-select").count()
    denied = [
        forge(auditor, page, theirs.row.pk, name="X").status
        for page in ("change", "disable", "revoke_tokens", "delete", "limits")
    ]

    assert (buttons, boxes, denied) == ([], 0, [403] * 5)
    assert list_denied("joe") == {"change", "disable", "revoke_tokens", "delete", "limits"}
    assert MachineClient.objects.get().name == "Payroll export"


def test_a_forged_bulk_action_disables_nobody(enter: Enter, theirs: Machine) -> None:
    auditor = enter("joe", "Auditor")
    form = {"_selected_action": str(theirs.row.pk), "confirmed": "yes"}

    answer = forge(auditor, "changelist", action="disable_clients", **form)

    assert answer.status == 403
    assert MachineClient.objects.get().is_enabled
    assert list_denied("joe") == {"disable_clients"}
