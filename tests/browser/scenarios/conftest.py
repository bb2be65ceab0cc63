"""Fixtures of the scenarios: people who look at every page they come to."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page

from django_cc.authorization_server.ready_groups import ensure_groups
from tests.browser.axe import find_violations
from tests.browser.conftest import OpenBrowser
from tests.browser.visitor import Look, Visitor
from tests.console.console import create_user

Enter = Callable[..., Visitor]


@pytest.fixture
def look() -> Iterator[Look]:
    """Look at a page with axe-core; whatever it finds fails the test at its end."""
    found: list[str] = []

    def look_at(page: Page) -> None:
        found.extend(f"{page.url}: {violation}" for violation in find_violations(page))

    yield look_at
    assert not found


@pytest.fixture
def ana(open_browser: OpenBrowser, look: Look) -> Visitor:
    """A superuser."""
    return open_browser(look=look)


@pytest.fixture
def enter(open_browser: OpenBrowser, look: Look) -> Enter:
    """A function that signs in a member of the ready groups it names, by their short names."""

    def enter_as(username: str, *groups: str, **options: object) -> Visitor:
        return open_browser(member(username, *groups), look, **options)

    return enter_as


def member(username: str, *groups: str) -> User:
    """Create a person of the staff in ready groups, such as “Developer”."""
    ensure_groups()
    user = create_user(username)
    user.groups.set(Group.objects.get(name=f"Machine access: {group}") for group in groups)
    return user
