"""The pages of a registration."""

from collections.abc import Callable

from tests.assertions import new_key
from tests.browser.console_pages.population import (
    LONG_NAME,
)
from tests.browser.visitor import Visitor
from tests.console.pasted_keys import to_public_pem


def open_form(visitor: Visitor) -> None:
    visitor.visit("add")


def open_form_with_errors(visitor: Visitor) -> None:
    """Go to a form refused for its name and its missing scopes."""
    visitor.register()
    visitor.fill_in()
    visitor.page.get_by_label("orders:read").uncheck()
    visitor.save()


def open_show_once(visitor: Visitor) -> None:
    visitor.register(LONG_NAME)


def open_all_of_show_once(visitor: Visitor) -> None:
    """Go to the page with the secret and unfold everything on it."""
    visitor.register()
    for details in visitor.page.locator("details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").click()


def open_repetition(visitor: Visitor) -> None:
    visitor.register()
    visitor.page.reload()


def open_key_form_with_errors(visitor: Visitor) -> None:
    """Go to a form of a client that signs, refused for a private key."""
    visitor.visit("add")
    visitor.page.get_by_label("Name:").fill("Billing sync")
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(new_key().to_pem().decode())
    visitor.page.locator("summary", has_text="Limits").click()
    visitor.page.get_by_label("Allowed networks").fill("10.0.0.1/33")
    visitor.save()


def open_signer_registered(visitor: Visitor) -> None:
    """Go to the page of a client that was registered by its public key, unfolded."""
    visitor.fill_in(LONG_NAME)
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(to_public_pem(new_key()))
    visitor.save()
    for details in visitor.page.locator("details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").click()


PAGES: dict[str, Callable[[Visitor], None]] = {
    "form": open_form,
    "form with errors": open_form_with_errors,
    "show once": open_show_once,
    "show once, unfolded": open_all_of_show_once,
    "repetition": open_repetition,
    "form of keys with errors": open_key_form_with_errors,
    "signer registered": open_signer_registered,
}
