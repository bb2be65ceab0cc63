"""The page that shows a secret once, in a real browser."""

import json
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Dialog, expect

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    assert download.value.suggested_filename == "billing-sync.env"
    assert f"CC_CLIENT_SECRET={secret}" in (tmp_path / "file").read_text()


def test_takes_the_secret_off_the_page_when_it_is_left(visitor: Visitor) -> None:
    secret = visitor.register()
    shown = visitor.page.content()

    visitor.page.evaluate("dispatchEvent(new Event('pagehide'))")

    left = visitor.page.content()
    assert f"export CC_CLIENT_SECRET={secret}" in shown
    assert secret not in left
    assert "base64," not in left


def test_leads_to_the_part_of_the_next_page_that_asks_for_the_secret(visitor: Visitor) -> None:
    secret = visitor.register()

    visitor.follow("Send a test request")

    expect(visitor.page.locator("#cc-test")).to_be_in_viewport()
    visitor.page.get_by_label("Client secret").fill(secret)
    visitor.press("Send the test request")
    expect(visitor.page.locator("#cc-answer")).to_contain_text("200")


def test_starts_at_the_heading_that_asks_to_copy(visitor: Visitor) -> None:
    visitor.register()

    heading = visitor.page.get_by_role("heading", name="Copy the client secret now.")
    expect(heading).to_be_focused()


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
