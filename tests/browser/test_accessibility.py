"""Nobody is shut out of a page: axe-core finds nothing, and nothing is cut off."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenBrowser
from tests.browser.console_pages import PAGES
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIGHT_AND_WIDE = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
DARK_AND_NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

every_page = pytest.mark.parametrize("open_page", PAGES.values(), ids=PAGES)


def find_violations(visitor: Visitor) -> list[str]:
    """Return what axe-core has against a page, with the elements."""
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found: list[dict[str, Any]] = Axe().run(visitor.page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@every_page
@pytest.mark.parametrize("options", [LIGHT_AND_WIDE, DARK_AND_NARROW], ids=["light", "dark"])
def test_axe_finds_no_violation(
    open_browser: OpenBrowser, open_page: Callable[[Visitor], None], options: dict[str, Any]
) -> None:
    visitor = open_browser(**options)

    open_page(visitor)

    assert find_violations(visitor) == []


@every_page
def test_a_narrow_page_does_not_scroll_sideways(
    open_browser: OpenBrowser, open_page: Callable[[Visitor], None]
) -> None:
    visitor = open_browser(**DARK_AND_NARROW)

    open_page(visitor)

    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
