"""Scenario 12: register, rotate and disable, in whatever circumstances somebody works.

Nothing is found by its words: in Arabic they are others.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from tests.browser.axe import find_violations
from tests.browser.conftest import OpenBrowser
from tests.browser.test_accessibility import find_what_is_cut_off
from tests.browser.visitor import Visitor, the_client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
CIRCUMSTANCES: dict[str, dict[str, Any]] = {
    "a dark phone": PHONE,
    "a dark phone without script": {**PHONE, "java_script_enabled": False},
    "forced colours": {"forced_colors": "active"},
}


@pytest.fixture(params=[*CIRCUMSTANCES.values()], ids=[*CIRCUMSTANCES])
def visitor(
    request: pytest.FixtureRequest, settings: Settings, open_browser: OpenBrowser
) -> Iterator[Visitor]:
    """A superuser in some circumstances, in Arabic, who looks at each page."""
    settings.LANGUAGE_CODE = "ar"
    found: list[str] = []

    def look_at(page: Page) -> None:
        found.extend(f"{page.url}: {problem}" for problem in find_problems(page, request.param))

    yield open_browser(look=look_at, **request.param)
    assert not found


def find_problems(page: Page, options: dict[str, Any]) -> list[str]:
    """Return what is cut off, and what axe-core has against a page."""
    problems = find_what_is_cut_off(page)
    if options.get("java_script_enabled", True):  # axe-core waits for timers of the page
        problems += find_violations(page)
    # Which colours are forced is no affair of the page, and axe-core reckons with its own.
    is_forced = "forced_colors" in options
    return [one for one in problems if not (is_forced and one.startswith("color-contrast"))]


def reach(visitor: Visitor, selector: str) -> None:
    """Press Tab until an element has the focus, unless it has it."""
    for _ in range(90):
        if visitor.page.evaluate("which => document.activeElement.matches(which)", selector):
            return
        visitor.page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached by Tab.")


def use(visitor: Visitor, selector: str) -> None:
    """Reach a link or a button and press it, and look at where it leads."""
    reach(visitor, selector)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.look(visitor.page)


def register(visitor: Visitor) -> str:
    """Register a client from the list on, and return its secret."""
    visitor.visit("changelist")
    use(visitor, "#content a[href$='/add/']")
    reach(visitor, "#id_name")
    visitor.page.keyboard.type("Billing sync")
    reach(visitor, "input[name=scopes]")
    visitor.page.keyboard.press("Space")
    use(visitor, "[name=_save]")
    return visitor.read_secret()


def rotate(visitor: Visitor) -> str:
    """Rotate the secret of the client from the list on, and return the new one."""
    visitor.visit("changelist")
    use(visitor, "#result_list tbody th a")
    use(visitor, ".cc-tabs a[href$='/credentials/']")
    use(visitor, "a[href$='/rotate/']")
    use(visitor, ".cc-actions [type=submit]")
    return visitor.read_secret()


def disable(visitor: Visitor) -> None:
    """Disable the client from its overview on, with a reason."""
    visitor.visit("change", the_client().pk)
    use(visitor, "#content a[href$='/disable/']")
    reach(visitor, "#id_reason")
    visitor.page.keyboard.type("Leaked")
    use(visitor, ".cc-button--danger")


def test_registers_rotates_and_disables_by_keyboard_in_arabic(visitor: Visitor) -> None:
    first = register(visitor)
    second = rotate(visitor)
    disable(visitor)

    client = the_client()
    assert first != second
    assert (client.access.count(), client.secrets.count()) == (1, 2)
    assert (client.is_enabled, client.disabled_reason) == (False, "Leaked")
    assert visitor.page.evaluate("document.documentElement.dir") == "rtl"
