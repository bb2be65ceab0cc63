"""Searching the list with a real browser."""

import pytest
from django.urls import reverse

from tests.browser.visitor import Visitor
from tests.machines import register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def search_in_vain(visitor: Visitor, secret: str) -> list[str]:
    """Search for a secret, wait to be told that it was not sent, and return what was sent."""
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.url))
    visitor.page.get_by_role("textbox", name="Search").fill(f" {secret}")
    visitor.page.get_by_role("button", name="Search").click()
    visitor.page.get_by_role("alert").filter(has_text="It was not sent.").wait_for()
    return sent


def test_a_whole_secret_never_leaves_the_browser(visitor: Visitor) -> None:
    machine = register()
    visitor.visit("changelist")

    sent = search_in_vain(visitor, machine.client_secret)

    assert sent == []
    assert visitor.page.locator("#searchbar").input_value() == ""


@pytest.mark.parametrize("listed", ["auditevent", "scope", "api"])
def test_nor_does_it_by_the_search_of_another_list(visitor: Visitor, listed: str) -> None:
    machine = register()
    visitor.go(reverse(f"admin:django_cc_{listed}_changelist"))

    sent = search_in_vain(visitor, machine.client_secret)

    assert sent == []


def test_the_visible_ends_of_a_secret_find_its_client(visitor: Visitor) -> None:
    machine = register()
    register("Another")
    visitor.visit("changelist")

    visitor.page.locator("#searchbar").fill(machine.client_secret[:9])
    visitor.press("Search")

    assert visitor.page.locator("#result_list tbody tr").count() == 1
