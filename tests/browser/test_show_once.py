"""The page that shows a secret once, in a real browser."""

import json
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Dialog, expect

from django_cc.models import MachineClient
from tests.browser.visitor import SECRET_FIELD, Visitor, the_client
from tests.console.console import page_url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_copies_the_secret_as_it_is_shown(visitor: Visitor) -> None:
    secret = visitor.register()

    visitor.copy("Client secret")

    assert visitor.read_clipboard() == secret


def test_copies_code_as_it_is_shown(visitor: Visitor) -> None:
    visitor.register()

    visitor.copy("curl")

    assert visitor.read_clipboard() == visitor.page.locator("#cc-code-curl").text_content()


def test_downloads_credentials_that_get_a_token(visitor: Visitor, tmp_path: Path) -> None:
    visitor.register()

    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download credentials (JSON)").click()

    download.value.save_as(tmp_path / "file")
    document = json.loads((tmp_path / "file").read_text())
    answer = requests.post(
        document["token_url"],
        auth=(document["client_id"], document["client_secret"]),
        data={"grant_type": "client_credentials", "scope": document["scope"]},
        timeout=10,
    )
    assert download.value.suggested_filename == "billing-sync-credentials.json"
    assert answer.json()["token_type"] == "Bearer"


def test_downloads_an_env_file_with_the_secret(visitor: Visitor, tmp_path: Path) -> None:
    secret = visitor.register()

    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download .env").click()

    download.value.save_as(tmp_path / "file")
    assert f"CC_CLIENT_SECRET={secret}" in (tmp_path / "file").read_text()


def test_starts_at_the_heading_that_asks_to_copy(visitor: Visitor) -> None:
    visitor.register()

    heading = visitor.page.get_by_role("heading", name="Copy the client secret now.")
    expect(heading).to_be_focused()


def test_a_reload_shows_that_it_was_shown(visitor: Visitor) -> None:
    secret = visitor.register()

    visitor.page.reload()

    expect(visitor.page.locator("h1")).to_contain_text("“Billing sync” is registered already")
    assert secret not in visitor.page.content()
    assert MachineClient.objects.count() == 1


def test_after_a_reload_the_secret_can_be_replaced(visitor: Visitor) -> None:
    lost = visitor.register()
    visitor.page.reload()

    visitor.page.get_by_role("button", name="Replace the secret").click()

    assert visitor.read_secret().startswith("dccs_")
    assert visitor.read_secret() != lost


def test_going_back_to_it_shows_no_secret(visitor: Visitor) -> None:
    secret = visitor.register()
    visitor.visit("changelist")

    visitor.page.evaluate("void setTimeout(() => history.back())")
    visitor.page.wait_for_timeout(500)

    assert secret not in visitor.page.content()
    assert not visitor.page.locator(SECRET_FIELD).count()


def test_going_back_and_forward_shows_no_secret(visitor: Visitor) -> None:
    secret = visitor.register()

    for step in (-1, 1):
        visitor.page.evaluate(f"void setTimeout(() => history.go({step}))")
        visitor.page.wait_for_timeout(500)
    visitor.page.wait_for_load_state("networkidle")

    assert secret not in visitor.page.content()


def test_another_tab_shows_no_secret(visitor: Visitor) -> None:
    secret = visitor.register()
    tab = visitor.page.context.new_page()

    for page in (page_url("changelist"), page_url("change", the_client().pk), page_url("add")):
        tab.goto(visitor.site + page)

        assert secret not in tab.content()


def test_warns_who_leaves_without_the_secret(visitor: Visitor) -> None:
    warnings: list[str] = []

    def note(dialog: Dialog) -> None:
        warnings.append(dialog.type)

    visitor.page.on("dialog", note)
    visitor.register()

    visitor.page.get_by_role("link", name="Open “Billing sync”").click()
    visitor.page.wait_for_url("**/change/")

    assert warnings == ["beforeunload"]


def test_lets_go_who_has_copied_the_secret(visitor: Visitor) -> None:
    warnings: list[str] = []

    def note(dialog: Dialog) -> None:
        warnings.append(dialog.type)

    visitor.page.on("dialog", note)
    visitor.register()
    visitor.copy("Client secret")

    visitor.page.get_by_role("link", name="Open “Billing sync”").click()
    visitor.page.wait_for_url("**/change/")

    assert warnings == []


def test_says_which_keys_to_press_where_there_is_no_clipboard(visitor: Visitor) -> None:
    visitor.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: null})")
    secret = visitor.register()

    visitor.page.get_by_role("button", name="Copy Client secret").click()

    expect(visitor.page.get_by_role("status")).to_have_text("Press Ctrl+C to copy.")
    assert visitor.page.evaluate("getSelection().toString()") == secret
