"""Registering a machine client in a real browser."""

import time

import pytest
from playwright.sync_api import expect

from django_cc.models import MachineClient
from tests.browser.conftest import OpenBrowser
from tests.browser.visitor import Visitor, the_client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def count_when_settled(visitor: Visitor) -> int:
    """Return how many clients there are when every submission has been answered."""
    deadline = time.monotonic() + 20
    while not MachineClient.objects.exists() and time.monotonic() < deadline:
        visitor.page.wait_for_timeout(100)
    visitor.page.wait_for_load_state("networkidle")
    return MachineClient.objects.count()


def test_a_double_click_registers_once(visitor: Visitor) -> None:
    visitor.fill_in()

    visitor.page.get_by_role("button", name="Save").dblclick()

    assert count_when_settled(visitor) == 1


def test_a_double_click_registers_once_without_javascript(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)
    visitor.fill_in()

    visitor.page.get_by_role("button", name="Save").dblclick()

    assert count_when_settled(visitor) == 1


def test_registers_without_javascript(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)

    secret = visitor.register()

    assert secret.startswith("dccs_")
    expect(visitor.page.get_by_role("button", name="Copy Client secret")).to_be_hidden()


def test_downloads_without_javascript(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)
    visitor.register()

    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download credentials (JSON)").click()

    assert download.value.suggested_filename == "billing-sync-credentials.json"


def test_replaces_the_secret_without_javascript(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)
    lost = visitor.register()
    visitor.page.reload()

    visitor.page.get_by_role("button", name="Replace the secret").click()

    assert visitor.read_secret() != lost


def test_registers_and_copies_with_the_keyboard_alone(visitor: Visitor) -> None:
    visitor.visit("add")
    keys = visitor.page.keyboard

    keys.type("Billing sync")  # the form starts in its first field
    keys.press("Tab")
    keys.type("Ask ana.")
    go_to(visitor, "orders:read: See orders")
    keys.press("Space")
    go_to(visitor, "Save")
    keys.press("Enter")
    visitor.page.get_by_role("heading", name="Copy the client secret now.").wait_for()
    go_to(visitor, "Copy Client secret")
    keys.press("Enter")

    expect(visitor.page.get_by_role("status")).to_have_text("Copied.")
    assert visitor.read_clipboard() == visitor.read_secret()
    assert the_client().access.count() == 1


def test_never_starts_on_the_button_that_disables(visitor: Visitor) -> None:
    visitor.register()

    visitor.visit("disable", the_client().pk)

    expect(visitor.page.get_by_role("heading", name="What happens")).to_be_focused()


def test_goes_back_from_the_confirmation_and_changes_nothing(visitor: Visitor) -> None:
    visitor.register()
    visitor.visit("disable", the_client().pk)

    visitor.page.get_by_role("link", name="No, take me back").click()

    assert the_client().is_enabled


def go_to(visitor: Visitor, name: str) -> None:
    """Press Tab until the element of that name has the focus."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(
            "(e => e.labels?.[0]?.innerText || e.value || e.textContent)(document.activeElement)"
        )
        if " ".join(str(focused).split()) in {name, f"{name}:"}:
            return
    pytest.fail(f"{name} cannot be reached by Tab.")
