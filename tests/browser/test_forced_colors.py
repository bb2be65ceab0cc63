"""Where somebody forces their own colours, shapes still tell what is what."""

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import OpenBrowser
from tests.browser.console_pages import PAGES
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["light", "dark"])
def visitor(request: pytest.FixtureRequest, open_browser: OpenBrowser) -> Visitor:
    """A visitor with forced colours."""
    return open_browser(forced_colors="active", color_scheme=request.param)


def read_styles(elements: Locator, name: str) -> list[str]:
    """Return a computed property of each element."""
    styles: list[str] = elements.evaluate_all(
        "(found, name) => found.map(one => getComputedStyle(one).getPropertyValue(name))", name
    )
    return styles


def test_buttons_and_badges_keep_an_edge(visitor: Visitor) -> None:
    PAGES["list"](visitor)

    edges = read_styles(visitor.page.locator(".cc .button, .cc-badge"), "border-top-style")
    widths = read_styles(visitor.page.locator(".cc .button, .cc-badge"), "border-top-width")

    assert len(edges) >= 10
    assert ({*edges}, {*widths}) == ({"solid"}, {"1px"})


def test_the_current_tab_alone_is_underlined(visitor: Visitor) -> None:
    PAGES["used client"](visitor)
    tabs = visitor.page.locator(".cc-tabs a")
    (ground,) = read_styles(visitor.page.locator("body"), "background-color")

    seen = [colour != ground for colour in read_styles(tabs, "border-bottom-color")]

    assert seen == [True, *[False] * 6]


def test_the_key_of_a_chart_looks_like_its_bars(visitor: Visitor) -> None:
    PAGES["used client"](visitor)
    issued, refused = visitor.page.locator(".cc-key--issued"), visitor.page.locator(".cc-refused")
    hatched = visitor.page.locator(".cc-key--refused")

    bars = read_styles(visitor.page.locator(".cc-issued").first, "fill")

    assert read_styles(issued, "background-color") == bars
    assert "gradient" in read_styles(hatched, "background-image")[0]
    assert issued.screenshot() != hatched.screenshot()
    assert refused.count() > 0


def test_a_chart_can_be_read(visitor: Visitor) -> None:
    PAGES["used client"](visitor)
    (ink,) = read_styles(visitor.page.locator("body"), "color")

    text = read_styles(visitor.page.locator(".cc-chart text"), "fill")
    lines = read_styles(visitor.page.locator(".cc-chart .cc-axis path"), "stroke")

    assert {*text, *lines} == {ink}
