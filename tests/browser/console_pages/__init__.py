"""Every page of the console, each with a function that brings a visitor there."""

from collections.abc import Callable

from tests.browser.console_pages import clients, registration, tabs, whole_site
from tests.browser.visitor import Visitor

PAGES: dict[str, Callable[[Visitor], None]] = (
    registration.PAGES | clients.PAGES | tabs.PAGES | whole_site.PAGES
)
