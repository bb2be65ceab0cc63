"""Scenario 6: what the preview promises is what the token says."""

import json
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, expect

from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, UsageHour
from tests.browser.visitor import Visitor
from tests.jwts import read_claims, read_header
from tests.machines import Machine, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDERS = "https://orders.example.com"
_CHANGING = ("iat", "exp", "jti")


@pytest.mark.parametrize(
    ("api", "scope"),
    [("", ""), ("", "orders:read"), (ORDERS, "")],
    ids=["as it comes", "some of its scopes", "one API"],
)
def test_the_token_says_what_the_preview_said(ana: Visitor, api: str, scope: str) -> None:
    machine = register()

    preview(ana, machine, api, scope)
    header, claims = read_code(ana, "header"), read_code(ana, "payload")
    token = ask_for_token(ana, machine, api, scope).json()["access_token"]

    real = read_claims(token)
    assert header == read_header(token)
    assert claims.keys() == real.keys()
    assert keep_what_stays(claims) == keep_what_stays(real)
    assert claims["exp"] - claims["iat"] == real["exp"] - real["iat"]


def test_the_endpoint_refuses_what_the_preview_refuses(ana: Visitor) -> None:
    machine = register()

    preview(ana, machine, scope="orders:read billing:read")
    refused = find_trace(ana, "Refused").inner_text()
    answer = ask_for_token(ana, machine, scope="orders:read billing:read").json()

    assert answer["error"] == "invalid_scope"
    assert refused.startswith("invalid_scope: The client does not hold every scope")
    expect(find_trace(ana, "Left out")).to_contain_text("billing:read")
    expect(ana.page.locator("#cc-code-payload")).to_have_count(0)


def test_whoever_gets_the_address_sees_the_same_preview(ana: Visitor, enter: Any) -> None:
    machine = register()
    preview(ana, machine, scope="orders:read")
    expect(find_trace(ana, "Left out")).to_contain_text("orders:write")

    auditor = enter("ida", "Auditor")
    auditor.go(ana.page.url.removeprefix(ana.site))

    expect(find_trace(auditor, "Given")).to_contain_text("orders:read")
    assert keep_what_stays(read_code(auditor, "payload")) == keep_what_stays(
        read_code(ana, "payload")
    )
    expect(auditor.page.get_by_role("button", name="Send the test request")).to_have_count(0)


def test_previews_leave_nothing_behind(ana: Visitor) -> None:
    machine = register()
    before = count_events(machine)

    preview(ana, machine)
    preview(ana, machine, scope="billing:read")
    write_down()

    assert count_events(machine) == before
    assert not UsageHour.objects.filter(client_id=machine.client_id).exists()


def preview(visitor: Visitor, machine: Machine, api: str = "", scope: str = "") -> None:
    """Fill in the form of the preview, and ask for it."""
    visitor.visit("try", machine.row.pk)
    form = visitor.page.locator("section:has(> #cc-preview)")
    form.get_by_label("API").select_option(api)
    form.get_by_label("Scopes").fill(scope)
    visitor.press("Preview")


def read_code(visitor: Visitor, name: str) -> Any:
    """Return the JSON of a block of code."""
    return json.loads(visitor.page.locator(f"#cc-code-{name}").text_content() or "")


def find_trace(visitor: Visitor, term: str) -> Locator:
    """Return a line of what happens to the request."""
    return visitor.page.locator(f".cc-trace dt:text-is('{term}') + dd")


def ask_for_token(
    visitor: Visitor, machine: Machine, api: str = "", scope: str = ""
) -> requests.Response:
    """Ask for a token as the client's program does."""
    parameters = {"grant_type": "client_credentials", "resource": api, "scope": scope}
    return requests.post(
        f"{visitor.site}/oauth/token",
        auth=(machine.client_id, machine.client_secret),
        data={name: value for name, value in parameters.items() if value},
        timeout=10,
    )


def keep_what_stays(claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that are the same in each token."""
    return {name: value for name, value in claims.items() if name not in _CHANGING}


def count_events(machine: Machine) -> int:
    """Return how many events of a client there are."""
    return AuditEvent.objects.filter(client_id=machine.client_id).count()
