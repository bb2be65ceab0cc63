"""The pages run under a policy that allows no inline script, no inline style, no third party."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.console_pages import PAGES
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def strict_visitor(visitor: Visitor) -> Iterator[Visitor]:
    """A visitor whose browser is told the policy on every page; complaints fail the test."""

    def add_policy(route: Route) -> None:
        if route.request.resource_type != "document":
            route.continue_()
            return
        answer = route.fetch(max_redirects=0)
        route.fulfill(
            response=answer, headers={**answer.headers, "content-security-policy": POLICY}
        )

    visitor.page.route("**/admin/**", add_policy)
    yield visitor
    visitor.page.unroute_all(behavior="wait")


@pytest.mark.parametrize("open_page", PAGES.values(), ids=PAGES)
def test_no_page_breaks_the_policy(
    strict_visitor: Visitor, open_page: Callable[[Visitor], None]
) -> None:
    open_page(strict_visitor)

    expect(strict_visitor.page.locator("h1").last).to_be_visible()


def test_copies_and_downloads_under_the_policy(strict_visitor: Visitor) -> None:
    strict_visitor.register()

    strict_visitor.copy("Client secret")
    with strict_visitor.page.expect_download() as download:
        strict_visitor.page.get_by_role("link", name="Download .env").click()

    assert download.value.failure() is None
