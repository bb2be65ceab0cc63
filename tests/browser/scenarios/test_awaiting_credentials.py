"""Scenario 8: one registers a client for another, who alone ever sees its secret."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser
from tests.browser.scenarios.conftest import Enter, member
from tests.browser.scenarios.diary import Diary
from tests.browser.scenarios.token_requests import gets_token
from tests.browser.visitor import Look, Visitor, the_client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECRET = re.compile(r"dccs_[0-9A-Za-z]{49}")


@pytest.fixture
def diary(look: Look) -> Diary:
    """What the approver got to see."""
    return Diary(look)


@pytest.fixture
def approver(open_browser: OpenBrowser, diary: Diary) -> Visitor:
    """Somebody who gives access and makes no credentials."""
    return open_browser(member("cleo", "Access approver"), diary.look)


@pytest.fixture
def dev(enter: Enter) -> Visitor:
    """A developer."""
    return enter("dev", "Developer")


def test_the_owner_alone_sees_the_secret_of_a_client_that_another_registered(
    approver: Visitor, dev: Visitor, diary: Diary
) -> None:
    register_for_dev(approver)
    answer = approver.page.locator("#content")
    expect(answer).to_contain_text("It has no secret yet, so it can get no token.")
    approver.follow("Open “Billing sync”")
    approver.follow("Credentials")
    expect(answer).to_contain_text("Ask someone who may create credentials: dev.")
    expect(answer.get_by_role("link", name="Create a secret")).to_have_count(0)

    secret = find_and_create_secret(dev)
    approver.reload()
    approver.visit("change", the_client().pk)
    approver.visit("changelist")

    assert gets_token(dev.site, the_client(), secret)
    assert len(diary.pages) == 7
    assert not [page for _url, page in diary.pages if SECRET.search(page)]


def register_for_dev(visitor: Visitor) -> None:
    """Register a client that belongs to somebody else."""
    visitor.fill_in()
    expect(visitor.page.get_by_label("Show it to me now")).to_have_count(0)
    visitor.page.get_by_label("Owner:").fill("dev")
    visitor.save()


def find_and_create_secret(visitor: Visitor) -> str:
    """Find the client that waits in the list, and give it its first secret."""
    visitor.visit("changelist")
    row = visitor.page.get_by_role("row").filter(has_text="Billing sync")
    expect(row).to_contain_text("Awaiting credentials")
    visitor.follow("Billing sync")
    visitor.follow("Credentials")
    visitor.follow("Create a secret")
    visitor.press("Create a secret")
    return visitor.read_secret()
