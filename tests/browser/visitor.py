"""A person in front of the console with a real browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from django_cc.models import MachineClient
from tests.console.console import page_url

SECRET_FIELD = "#cc-client_secret"

Look = Callable[[Page], None]


def look_away(page: Page) -> None:
    """Find nothing wrong with any page."""


@dataclass(frozen=True)
class Visitor:
    """One browser tab of a signed-in user, who looks at each page they come to."""

    page: Page
    site: str
    look: Look = look_away

    def visit(self, page: str, *args: Any, query: str = "") -> None:
        """Go to a page by the last part of its URL name."""
        self.go(f"{page_url(page, *args)}{query}")

    def go(self, path: str) -> None:
        """Go to a page of the site by its path."""
        self.page.goto(f"{self.site}{path}")
        self.look(self.page)

    def reload(self) -> None:
        """Ask for the same page again."""
        self.page.reload()
        self.look(self.page)

    def fill_in(self, name: str = "Billing sync", *scopes: str) -> None:
        """Open the registration form and fill it in."""
        self.visit("add")
        self.page.get_by_label("Name:").fill(name)
        for scope in scopes or ("orders:read",):
            self.page.get_by_label(scope).check()

    def save(self) -> None:
        """Submit the admin's form, by its first button."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Save", exact=True).click()
        self.look(self.page)

    def press(self, button: str) -> None:
        """Press a button that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).click()
        self.look(self.page)

    def act_on_chosen(self, action: str) -> None:
        """Go on with an action, by its name or label, for what is ticked in a list."""
        self.page.get_by_label("Action:").select_option(action)
        with self.page.expect_navigation():  # the button is "Go", and "Run" since Django 6.1
            self.page.locator(".actions [type=submit]").first.click()
        self.look(self.page)

    def follow(self, link: str) -> None:
        """Follow a link of the page's own content, and wait for where it leads."""
        with self.page.expect_navigation():
            self.page.locator("#content").get_by_role("link", name=link).click()
        self.look(self.page)

    def register(self, name: str = "Billing sync") -> str:
        """Register a client and return the secret that the page shows."""
        self.fill_in(name)
        self.save()
        return self.read_secret()

    def read_secret(self) -> str:
        """Return what the field of the secret holds."""
        return self.page.locator(SECRET_FIELD).input_value()

    def copy(self, what: str) -> None:
        """Press a copy button and wait until it has said so."""
        self.page.get_by_role("button", name=f"Copy {what}", exact=True).click()
        self.page.get_by_role("status").filter(has_text="Copied.").wait_for()

    def read_clipboard(self) -> str:
        """Return what was copied."""
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text


def the_client() -> MachineClient:
    """Return the one client there is."""
    return MachineClient.objects.select_related("application").get()
