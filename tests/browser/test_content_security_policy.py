"""The pages run under a policy that allows no inline script, no inline style, no third party.

`open_browser` fails a test for whatever breaks it, so every test here sees to it that none does.
"""

import pytest
from playwright.sync_api import Route

from tests.browser.visitor import Visitor
from tests.projects.strict_policy import POLICY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_policy_is_in_force(visitor: Visitor) -> None:
    answer = visitor.page.goto(f"{visitor.site}/admin/")

    assert answer is not None
    assert answer.headers["content-security-policy"] == POLICY


def test_the_console_hears_of_what_breaks_it(visitor: Visitor, complaints: list[str]) -> None:
    def add_a_style(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text() + "<style>a {}</style>")

    visitor.page.route("**/admin/", add_a_style)
    with visitor.page.expect_console_message():
        visitor.go("/admin/")

    assert "style-src 'self'" in complaints.pop()
