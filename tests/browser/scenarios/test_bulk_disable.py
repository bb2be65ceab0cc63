"""Scenario 11: three of sixty clients are disabled at once, enabled again, and one is deleted."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, expect

from django_cc.models import AuditEvent, MachineClient
from tests.browser.scenarios.conftest import Enter
from tests.browser.visitor import Visitor
from tests.console.console import create_user
from tests.machines import register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EXPORTS = [f"Invoice export {number}" for number in range(1, 5)]


@pytest.fixture
def dev(enter: Enter) -> Visitor:
    """A developer with sixty clients, four of which may call the API of bills."""
    visitor = enter("dev", "Developer")
    owner = User.objects.get(username="dev")
    for number in range(56):
        register(f"Order sync {number:02}", ["orders:read"], owner=owner)
    for name in EXPORTS:
        register(name, ["billing:read"], owner=owner)
    return visitor


def rows(visitor: Visitor) -> Locator:
    """Return the rows of the list."""
    return visitor.page.locator("#result_list tbody tr")


def read_facet(visitor: Visitor, title: str) -> str:
    """Return a choice of a filter as it is written, with its count."""
    found = visitor.page.locator("#changelist-filter a").filter(has_text=title)
    return " ".join(found.first.inner_text().split())


def filter_by(visitor: Visitor, title: str) -> None:
    """Follow a choice of a filter."""
    with visitor.page.expect_navigation():
        visitor.page.locator("#changelist-filter a").filter(has_text=title).first.click()
    visitor.look(visitor.page)


def choose(visitor: Visitor, action: str, *names: str) -> None:
    """Tick clients and go on with an action."""
    for name in names:
        rows(visitor).filter(has_text=name).locator("input.action-select").check()
    visitor.act_on_chosen(action)


def hand_over(name: str) -> None:
    """Make somebody else the owner of a client."""
    MachineClient.objects.filter(name=name).update(owner=create_user("ben"))


def list_disabled() -> list[str]:
    clients = MachineClient.objects.exclude(disabled_at=None).order_by("name")
    return list(clients.values_list("name", flat=True))


def test_three_of_sixty_are_disabled_and_enabled_again(dev: Visitor) -> None:
    dev.visit("changelist")
    expect(dev.page.locator(".paginator").first).to_contain_text("60")
    assert read_facet(dev, "Billing") == "Billing (4)"
    filter_by(dev, "Billing (")
    filtered = dev.page.url
    expect(rows(dev)).to_have_count(4)
    hand_over(EXPORTS[3])

    choose(dev, "Disable", *EXPORTS)
    expect(dev.page.locator("h1").last).to_have_text("Disable 3 machine clients")
    expect(dev.page.locator(".cc-chosen li")).to_contain_text(EXPORTS[:3])
    expect(dev.page.get_by_text("1 is skipped: you may not see it")).to_be_visible()
    assert list_disabled() == []
    dev.page.get_by_label("Reason").fill("Incident 7")
    dev.press("Disable 3 machine clients")

    assert list_disabled() == EXPORTS[:3]
    assert dev.page.url == filtered
    expect(dev.page.get_by_text("3 machine clients are disabled.")).to_be_visible()
    assert read_facet(dev, "Disabled") == "Disabled (3)"
    events = AuditEvent.objects.filter(event="client_disabled", actor="dev")
    assert [event.reason for event in events] == ["Incident 7"] * 3

    choose(dev, "Enable", *EXPORTS[:2])
    dev.press("Enable 2 machine clients")
    assert list_disabled() == [EXPORTS[2]]


def test_who_thinks_better_of_it_comes_back_to_the_filtered_list(dev: Visitor) -> None:
    dev.visit("changelist")
    filter_by(dev, "Billing (")
    filtered = dev.page.url
    choose(dev, "Disable", EXPORTS[0])

    dev.follow("No, take me back")

    assert dev.page.url == filtered
    assert list_disabled() == []


def test_a_client_is_deleted_only_when_it_is_disabled_and_by_its_name(ana: Visitor) -> None:
    client = register("Old reporting job").row
    ana.visit("change", client.pk)
    expect(ana.page.get_by_role("link", name="Delete")).to_have_count(0)
    ana.visit("delete", client.pk)
    expect(ana.page.get_by_text("Disable the client first")).to_be_visible()

    ana.follow("Disable")
    ana.press("Disable “Old reporting job”")
    ana.follow("Delete")
    ana.page.get_by_label("Type its name").fill("old reporting job")
    ana.page.get_by_label("Reason").fill("Replaced")
    ana.press("Delete “Old reporting job”")
    expect(ana.page.get_by_text("Type exactly: Old reporting job")).to_be_visible()
    assert MachineClient.objects.exists()
    ana.page.get_by_label("Type its name").fill("Old reporting job")
    ana.press("Delete “Old reporting job”")

    assert not MachineClient.objects.exists()
    expect(ana.page.get_by_text("“Old reporting job” is deleted.")).to_be_visible()
    event = AuditEvent.objects.get(event="client_deleted")
    assert (event.client_name, event.reason) == ("Old reporting job", "Replaced")
