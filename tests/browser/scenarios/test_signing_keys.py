"""Scenario 10: the life of the signing keys, which no page shows the private part of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from django_cc.models import SigningKey
from tests.browser.conftest import OpenBrowser
from tests.browser.scenarios.conftest import member
from tests.browser.visitor import Look, Visitor
from tests.jwts import read_header
from tests.machines import Machine, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_KEYS = "/admin/django_cc/signingkey/"
_PRIVATE = ('"d"', '"p"', '"q"', "&quot;d&quot;", "PRIVATE KEY", "encrypted_private_key")


@pytest.fixture
def custodian(open_browser: OpenBrowser, look: Look) -> Iterator[Visitor]:
    """Kim, who looks after the keys; no page that kim comes to has anything private."""
    seen: list[str] = []

    def look_closely(page: Page) -> None:
        look(page)
        seen.append(page.content())

    yield open_browser(member("kim", "Key custodian"), look_closely)
    stored = [bytes(key.encrypted_private_key).decode() for key in SigningKey.objects.all()]
    forbidden = [*_PRIVATE, *(text[:20] for text in stored if text)]
    assert seen
    assert not [word for word in forbidden for text in seen if word in text]


def test_a_key_that_signs_too_early_has_to_be_named(custodian: Visitor) -> None:
    machine = register()
    old_token = ask_for_token(custodian, machine)
    old, upcoming = kid_of("current"), kid_of("next")
    custodian.go(_KEYS)
    expect(custodian.page.get_by_role("button", name="Rotate")).to_be_disabled()
    expect(custodian.page.get_by_text("APIs may still cache the old list.")).to_be_visible()

    custodian.follow("Activate anyway")
    activate(custodian, "that one")
    expect(custodian.page.locator("#content")).to_contain_text(f"Type exactly: {upcoming}")
    before = kid_of("current")
    activate(custodian, upcoming)

    new_token = ask_for_token(custodian, machine)
    assert before == old
    assert (read_header(old_token)["kid"], read_header(new_token)["kid"]) == (old, upcoming)
    assert [call(custodian, token) for token in (old_token, new_token)] == [200, 200]
    assert fetch_kids(custodian) == {old, upcoming, kid_of("next")}
    assert read_states(custodian) == ["Next", "Current", "Retiring"]


def test_a_key_is_rotated_in_time_without_a_question_of_names(
    custodian: Visitor, time_machine: Any
) -> None:
    upcoming = kid_of("next")
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=25), tick=True)

    custodian.go(_KEYS)
    custodian.follow("Rotate")
    custodian.press("Rotate the signing key")

    expect(custodian.page.locator(".messagelist")).to_contain_text(f"{upcoming} signs now")
    assert kid_of("current") == upcoming


def test_a_retired_key_verifies_nothing_more(custodian: Visitor) -> None:
    machine = register()
    old_token = ask_for_token(custodian, machine)
    old = kid_of("current")
    custodian.go(_KEYS)
    custodian.follow("Activate anyway")
    activate(custodian, kid_of("next"))

    custodian.follow(f"Retire {old}")
    consequences = custodian.page.locator("#content").inner_text()
    answer(custodian, old, "Retire the signing key")

    assert "Tokens that it signed may live until" in consequences
    expect(custodian.page.locator(".messagelist")).to_contain_text(f"Key {old} is retired.")
    assert call(custodian, old_token) == 401
    assert call(custodian, ask_for_token(custodian, machine)) == 200
    assert old not in fetch_kids(custodian)
    assert not SigningKey.objects.get(kid=old).encrypted_private_key


def test_a_compromised_key_is_replaced_at_once(custodian: Visitor) -> None:
    machine = register()
    stolen = ask_for_token(custodian, machine)
    discarded = {kid_of("current"), kid_of("next")}
    custodian.go(_KEYS)

    custodian.follow("Compromised: replace now")
    expect(custodian.page.locator("#content")).to_contain_text(
        "rejected once APIs refresh their key list: up to 5 minutes, up to an hour"
    )
    answer(custodian, kid_of("current"), "Replace the signing keys now")

    assert call(custodian, stolen) == 401
    assert call(custodian, ask_for_token(custodian, machine)) == 200
    assert not discarded & fetch_kids(custodian)
    assert set(read_states(custodian)) == {"Next", "Current", "Retired"}


def test_the_page_shows_what_the_url_answers_byte_for_byte(custodian: Visitor) -> None:
    custodian.go(_KEYS)
    custodian.copy("JWKS URL")

    published = requests.get(custodian.read_clipboard(), timeout=10).text

    assert custodian.page.locator("#cc-code-jwks").text_content() == published


def activate(visitor: Visitor, kid: str) -> None:
    """Name the key that is to sign already."""
    visitor.page.get_by_label("Type the key ID").fill(kid)
    visitor.press("Activate the Next key now")


def answer(visitor: Visitor, kid: str, button: str) -> None:
    """Name the key, and say why."""
    visitor.page.get_by_label("Type the key ID").fill(kid)
    visitor.page.get_by_label("Reason").fill("A backup was lost")
    visitor.press(button)


def read_states(visitor: Visitor) -> list[str]:
    """Return the states of the keys as the table has them."""
    rows = visitor.page.locator("section:has(#cc-keys) tbody tr").all()
    return [row.locator("td").nth(1).inner_text() for row in rows]


def kid_of(state: str) -> str:
    """Return the ID of the only key in a state."""
    return SigningKey.objects.get(state=state).kid


def fetch_kids(visitor: Visitor) -> set[str]:
    """Return the IDs of the published keys, none of which has a private member."""
    keys = requests.get(f"{visitor.site}/oauth/jwks", timeout=10).json()["keys"]
    assert not [key for key in keys if {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)]
    return {key["kid"] for key in keys}


def ask_for_token(visitor: Visitor, machine: Machine) -> str:
    """Return a token, got as the client's program gets it."""
    token: str = requests.post(
        f"{visitor.site}/oauth/token",
        auth=(machine.client_id, machine.client_secret),
        data={"grant_type": "client_credentials"},
        timeout=10,
    ).json()["access_token"]
    return token


def call(visitor: Visitor, token: str) -> int:
    """Return the status of a call to an API with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{visitor.site}/api/scoped/"
    return requests.get(url, headers=headers, timeout=10).status_code
