"""Registering signers and rotating secrets in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from django_cc.models import MachineClient, Scope
from tests.assertions import new_key
from tests.browser.conftest import OpenBrowser
from tests.browser.visitor import Visitor, the_client
from tests.console.pasted_keys import to_public_pem
from tests.machines import register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("with_script", [True, False], ids=["script", "no script"])
def test_shows_the_fields_of_the_chosen_kind_alone(
    open_browser: OpenBrowser, with_script: bool
) -> None:
    visitor = open_browser(java_script_enabled=with_script)
    visitor.visit("add")
    receiver = visitor.page.get_by_label("Show it to me now")
    key = visitor.page.get_by_label("Public key")

    expect(receiver).to_be_visible()
    expect(key).to_be_hidden()
    visitor.page.get_by_label("Signed JWT").check()
    expect(receiver).to_be_hidden()
    expect(key).to_be_visible()


def test_registers_a_signer_without_javascript(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)
    visitor.fill_in()
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label("Public key").fill(to_public_pem(new_key()))

    visitor.save()

    expect(visitor.page.locator("h1").last).to_contain_text("“Billing sync” is registered")
    assert the_client().keys.count() == 1


def test_filters_many_scopes(visitor: Visitor) -> None:
    api = Scope.objects.get(name="orders:read").api
    Scope.objects.bulk_create(Scope(api=api, name=f"many:{number}") for number in range(20))
    visitor.visit("add")

    visitor.page.get_by_label("many:7").check()
    visitor.page.get_by_label("Show only scopes that contain:").fill("ORDERS:w")

    expect(visitor.page.get_by_label("orders:write")).to_be_visible()
    expect(visitor.page.get_by_label("orders:read")).to_be_hidden()
    expect(visitor.page.get_by_label("many:7")).to_be_visible()
    visitor.page.keyboard.press("Enter")
    assert not MachineClient.objects.exists()


def test_a_double_click_rotates_once(open_browser: OpenBrowser) -> None:
    visitor = open_browser(java_script_enabled=False)
    machine = register()
    visitor.visit("rotate_secret", machine.row.pk, machine.row.secrets.get().pk)

    visitor.page.get_by_role("button", name="Rotate secret").dblclick()
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.wait_for_timeout(1000)

    assert machine.row.secrets.count() == 2
    old = machine.row.secrets.earliest("pk")
    assert old.expires_at is not None
    assert old.expires_at - machine.row.registered_at < timedelta(hours=25)
