"""Scenario 2: a secret is on one page, and nowhere after it; who lost it replaces it once."""

import logging

import pytest
from django.core.cache.backends import locmem
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser, listen
from tests.browser.scenarios.diary import Diary
from tests.browser.scenarios.token_requests import gets_token
from tests.browser.visitor import Look, Visitor, the_client
from tests.console.test_secret_stays_nowhere import list_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BELOW_A_CLIENT = ("change", "credentials", "tokens", "try", "activity", "history")


@pytest.fixture
def diary(look: Look) -> Diary:
    """What ana got to see."""
    return Diary(look)


@pytest.fixture
def ana(open_browser: OpenBrowser, diary: Diary) -> Visitor:
    """A superuser who keeps a diary."""
    return open_browser(look=diary.look)


def test_the_secret_is_on_one_page_and_kept_nowhere(
    ana: Visitor, diary: Diary, complaints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    secret = ana.register()
    ana.visit("changelist")
    for steps in (-1, -1, 1, 1):
        step_through_history(ana, steps, diary)
    look_around_in_another_tab(ana, complaints)

    kept = {
        "a table": repr(list(list_rows())),
        "the cache": repr(locmem._caches),  # type: ignore[attr-defined]
        "the browser": repr(ana.page.context.storage_state()),
        "the log": caplog.text,
    }
    assert diary.find(secret) == [1]
    assert the_client().client_id in kept["a table"]
    assert not [place for place, content in kept.items() if secret in content]


def test_who_lost_the_secret_replaces_it_once(ana: Visitor, diary: Diary) -> None:
    lost = ana.register()
    ana.reload()
    expect(ana.page.locator("#content h1")).to_contain_text("“Billing sync” is registered already")

    ana.press("Replace the secret and show the new one")
    new = ana.read_secret()
    ana.reload()

    expect(ana.page.get_by_text("Only who registered this client can replace")).to_be_visible()
    assert (diary.find(lost), diary.find(new)) == ([1], [3])
    assert gets_token(ana.site, the_client(), new)
    assert not gets_token(ana.site, the_client(), lost)
    assert the_client().secrets.count() == 2


def step_through_history(visitor: Visitor, steps: int, diary: Diary) -> None:
    """Go back or forward as the browser's buttons do; it may show a page of its own."""
    visitor.page.evaluate(f"void setTimeout(() => history.go({steps}))")
    visitor.page.wait_for_timeout(500)
    visitor.page.wait_for_load_state("networkidle")
    diary.write(visitor.page)


def look_around_in_another_tab(visitor: Visitor, complaints: list[str]) -> None:
    """Open every page of the client by its address."""
    tab = Visitor(visitor.page.context.new_page(), visitor.site, visitor.look)
    listen(tab.page, complaints)
    tab.visit("changelist")
    tab.visit("add")
    for page in BELOW_A_CLIENT:
        tab.visit(page, the_client().pk)
