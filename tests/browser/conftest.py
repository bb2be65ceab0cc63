"""Fixtures: a real Chromium in front of a real server."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.browser.visitor import Look, Visitor, look_away
from tests.machines import ACTOR
from tests.services.chromium import launch_arguments

OpenBrowser = Callable[..., Visitor]


# Not for the session: its event loop would be in the way of tests of another folder.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright has an event loop
        browser = playwright.chromium.launch(
            executable_path=os.environ["DJANGO_CC_TEST_CHROMIUM"], args=launch_arguments()
        )
        yield browser
        browser.close()


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The address of a server that can issue tokens and publishes itself as the issuer."""
    address = str(live_server.url)
    own = {"ISSUER": address, "ALLOW_INSECURE_TRANSPORT": True}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own
    ensure_signing_key(ACTOR)
    return address


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages complained about on their console; the test fails unless it is empty at last."""
    heard: list[str] = []
    yield heard
    assert not heard


@pytest.fixture
def open_browser(chromium: Browser, site: str, complaints: list[str]) -> Iterator[OpenBrowser]:
    """A function that opens a browser with somebody signed in, a superuser unless it is told.

    It takes Playwright's options too. Whatever a page complains about on its console fails the
    test; there a browser also reports what breaks the content security policy.
    """
    contexts: list[BrowserContext] = []

    def open_one(user: User | None = None, look: Look = look_away, **options: Any) -> Visitor:
        context = chromium.new_context(**options)
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
        context.add_cookies([{"name": "sessionid", "value": sign_in(user), "url": site}])
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page = context.new_page()
        listen(page, complaints)
        return Visitor(page, site, look)

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(open_browser: OpenBrowser) -> Visitor:
    """A visitor with a browser as it comes."""
    return open_browser()


def sign_in(user: User | None) -> str:
    """Return the session key of somebody who has just signed in, else of the superuser ana."""
    client = Client()
    client.force_login(user or find_superuser())
    return client.cookies["sessionid"].value


def find_superuser() -> User:
    """Return ana, who may do everything."""
    users = get_user_model().objects
    return users.filter(username="ana").first() or users.create_superuser("ana")


def listen(page: Page, complaints: list[str]) -> None:
    """Note errors and warnings; leave pages without asking."""

    def note(message: ConsoleMessage) -> None:
        is_of_the_page = bool(message.location["url"])  # axe-core, injected, has no address
        if is_of_the_page and message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
