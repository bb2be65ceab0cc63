"""Scenario 3: a registration that goes wrong says what, where and why, and loses nothing typed."""

import logging

import pytest
from playwright.sync_api import expect

from django_cc.models import MachineClient, Scope
from tests.assertions import new_key
from tests.browser.conftest import OpenBrowser
from tests.browser.visitor import Look, Visitor, the_client
from tests.console.console import REGISTRAR, create_user, page_url
from tests.console.pasted_keys import WEAK, to_public_pem, write_public
from tests.console.test_secret_stays_nowhere import list_rows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IS_PRIVATE = (
    "That is a private key. It was discarded and not stored. Treat it as exposed: make a new pair "
    "and paste only the public half."
)
IS_NO_NETWORK = "“10.0.0.1/33” is not a network. Write 10.0.0.0/8 or 2001:db8::/32."
IS_RESTRICTED = "Needs someone who may grant restricted scopes: orders:write."


def test_each_field_says_what_is_wrong_and_keeps_what_was_typed(
    ana: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ana.register()
    pem = new_key().to_pem().decode()
    fill_in_a_signer(ana, pem, networks="10.0.0.1/33")

    ana.save()

    page = ana.page
    assert page.title().startswith("Error: Register a machine client")
    assert "You already have a machine client named “Billing sync”" in describe(ana, "Name:")
    assert IS_PRIVATE in describe(ana, "Public key")
    assert IS_NO_NETWORK in describe(ana, "Allowed networks")
    expect(page.get_by_label("Name:")).to_have_value("Billing sync")
    expect(page.get_by_label("Description:")).to_have_value("Ask ana.")
    expect(page.get_by_label("Signed JWT")).to_be_checked()
    expect(page.get_by_label("Public key")).to_have_value("")
    expect(page.get_by_label("orders:read")).to_be_checked()
    expect(page.get_by_label("Allowed networks")).to_have_value("10.0.0.1/33")
    places = {"page": page.content(), "log": caplog.text, "table": repr(list(list_rows()))}
    assert not [place for place, text in places.items() if pem.splitlines()[1] in text]
    ana.follow("Open it")
    assert page.url.endswith(page_url("change", the_client().pk))


def test_the_right_key_after_the_weak_one_registers(ana: Visitor) -> None:
    fill_in_a_signer(ana, write_public(WEAK.public_key()))
    ana.save()
    assert "This key is too weak: RSA 1024. Use RSA 2048 or more" in describe(ana, "Public key")
    expect(ana.page.get_by_label("Public key")).to_be_focused()
    expect(ana.page.get_by_label("Public key")).to_have_value(write_public(WEAK.public_key()))

    ana.page.get_by_label("Public key").fill(to_public_pem(new_key()))
    ana.save()

    expect(ana.page.locator("#content h1")).to_have_text("“Billing sync” is registered")
    assert the_client().keys.count() == 1


def test_a_restricted_scope_cannot_be_had_by_unlocking_its_box(
    open_browser: OpenBrowser, look: Look
) -> None:
    Scope.objects.filter(name="orders:write").update(restricted=True)
    ben = open_browser(create_user("ben", *REGISTRAR, "view_machineclient"), look)
    ben.fill_in()
    box = ben.page.get_by_label("orders:write")
    expect(box).to_be_disabled()

    box.evaluate("box => { box.disabled = false; }")
    box.check()
    ben.save()

    expect(ben.page.get_by_text(IS_RESTRICTED)).to_be_visible()
    expect(ben.page.get_by_label("Name:")).to_have_value("Billing sync")
    assert not MachineClient.objects.exists()


def fill_in_a_signer(visitor: Visitor, key: str, *, networks: str = "") -> None:
    """Fill in the form for a client that signs."""
    visitor.fill_in()
    visitor.page.get_by_label("Description:").fill("Ask ana.")
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(key)
    visitor.page.locator("summary", has_text="Limits").click()
    visitor.page.get_by_label("Allowed networks").fill(networks)


def describe(visitor: Visitor, label: str) -> str:
    """Return what a screen reader says of a field that is wrong, after its name."""
    field = visitor.page.get_by_label(label)
    expect(field).to_have_attribute("aria-invalid", "true")
    described_by = (field.get_attribute("aria-describedby") or "").split()
    words = [visitor.page.locator(f"#{name}").inner_text() for name in described_by]
    return " ".join(" ".join(words).split())
