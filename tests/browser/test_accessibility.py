"""Nobody is shut out of a page: axe-core finds nothing, nothing is cut off, nothing complains."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.audit_events import REFERENCE
from tests.browser.axe import find_violations
from tests.browser.conftest import OpenBrowser
from tests.browser.console_pages import PAGES
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIGHT_AND_WIDE = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
DARK_AND_NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


def find_what_is_cut_off(page: Page) -> list[str]:
    """Say so if one has to scroll sideways."""
    needed, width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{needed} px are needed, there are {width}"] if needed > width else []


@pytest.mark.parametrize("open_page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("options", [LIGHT_AND_WIDE, DARK_AND_NARROW], ids=["light", "dark"])
def test_a_page_shuts_nobody_out(
    open_browser: OpenBrowser, open_page: Callable[[Visitor], None], options: dict[str, Any]
) -> None:
    visitor = open_browser(**options)

    open_page(visitor)

    assert find_violations(visitor.page) + find_what_is_cut_off(visitor.page) == []


def test_every_column_of_the_list_is_in_sight_on_a_wide_screen(open_browser: OpenBrowser) -> None:
    visitor = open_browser(**LIGHT_AND_WIDE)

    PAGES["list"](visitor)

    needed, width = visitor.page.locator(".results").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert needed <= width


@pytest.mark.parametrize(
    ("name", "frame"), [("audit events", ".results"), ("activity", ".cc-scroll")]
)
def test_a_reference_is_in_sight_on_a_wide_screen(
    open_browser: OpenBrowser, name: str, frame: str
) -> None:
    visitor = open_browser(**LIGHT_AND_WIDE)

    PAGES[name](visitor)

    seen = visitor.page.locator(frame).bounding_box()
    told = visitor.page.locator(frame).get_by_text(REFERENCE).first.bounding_box()
    assert seen is not None
    assert told is not None
    assert told["x"] + told["width"] <= seen["x"] + seen["width"]
