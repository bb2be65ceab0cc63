"""Scenario 9: somebody found a secret, or a token, where it should not be."""

from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.recording import write_down
from django_cc.models import API, AuditEvent
from tests.browser.scenarios.conftest import Enter
from tests.browser.visitor import Visitor
from tests.machines import ACTOR, Machine, register

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def on_call(enter: Enter) -> Visitor:
    """Kim, who can stop everything and make nothing."""
    return enter("kim", "On-call")


def test_a_leaked_secret_is_found_and_its_client_stopped(on_call: Visitor) -> None:
    machine, orders_api = register(), register("Orders API", [])
    allow_to_introspect(orders_api)
    token = ask_for_token(on_call, machine).json()["access_token"]

    identify(on_call, machine.client_secret)
    expect(found(on_call)).to_contain_text("Belongs to “Billing sync”")
    expect(found(on_call)).to_contain_text("live.")
    assert machine.client_secret not in on_call.page.content()
    revoke_secret(on_call, machine)
    refused = ask_for_token(on_call, machine)
    lives_on = introspect(on_call, orders_api, token)
    revoke_all_tokens(on_call, machine)

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert lives_on["active"] is True
    assert introspect(on_call, orders_api, token) == {"active": False}
    assert call(on_call, token).status_code == 401


def test_the_trail_tells_the_whole_incident(on_call: Visitor) -> None:
    machine = register()
    identify(on_call, machine.client_secret)
    revoke_secret(on_call, machine)
    refused = ask_for_token(on_call, machine).json()["error_description"]
    revoke_all_tokens(on_call, machine)

    identify(on_call, refused)
    expect(found(on_call)).to_contain_text("has been revoked: give the program the current one")
    on_call.go(f"/admin/django_cc/auditevent/?q={machine.client_id}")

    told = on_call.page.locator("#result_list tbody tr").all_inner_texts()
    for words in (
        ["Credential or reference identified", "kim", "client secret dccs_"],
        ["Client secret revoked", "kim", "Pasted into a chat"],
        ["Token request refused", "Refused", "revoked_secret", refused[-17:-1]],
        ["All tokens revoked", "kim", "Pasted into a chat"],
    ):
        assert any(all(word in row for word in words) for row in told), (words, told)


def test_a_leaked_token_dies_alone(on_call: Visitor) -> None:
    machine = register()
    leaked, other = (ask_for_token(on_call, machine).json()["access_token"] for _ in range(2))

    identify(on_call, leaked)
    expect(found(on_call)).to_contain_text("An access token of “Billing sync” for Orders.")
    expect(found(on_call)).to_contain_text("It lives.")
    on_call.press("Revoke this token")

    expect(on_call.page.get_by_text("The token is revoked.")).to_be_visible()
    assert (call(on_call, leaked).status_code, call(on_call, other).status_code) == (401, 200)
    identify(on_call, leaked)
    expect(found(on_call)).to_contain_text("The access token had been revoked")
    expect(on_call.page.get_by_role("button", name="Revoke this token")).to_have_count(0)
    assert AuditEvent.objects.get(event="token_revoked").actor == "kim"


def identify(visitor: Visitor, text: str) -> None:
    """Ask what a text is, on the way that the audit trail shows."""
    visitor.go("/admin/django_cc/auditevent/")
    visitor.follow("Identify a secret, a token or a reference")
    visitor.page.get_by_label("Token, client secret or reference").fill(text)
    visitor.press("Identify")


def found(visitor: Visitor) -> Any:
    """Return what the page says the text is."""
    return visitor.page.locator("section:has(> #cc-found)")


def revoke_secret(visitor: Visitor, machine: Machine) -> None:
    """Revoke the secret that was just identified."""
    visitor.follow("Revoke it now")
    visitor.page.get_by_label("Reason").fill("Pasted into a chat")
    visitor.press(f"Revoke secret …{machine.client_secret[-4:]}")
    expect(visitor.page.locator(".messagelist")).to_contain_text("is revoked.")


def revoke_all_tokens(visitor: Visitor, machine: Machine) -> None:
    """Revoke every token of a client, from its tab."""
    visitor.visit("tokens", machine.row.pk)
    visitor.follow("Revoke all tokens")
    visitor.page.get_by_label("Reason").fill("Pasted into a chat")
    visitor.press("Revoke all tokens")
    expect(visitor.page.locator(".messagelist")).to_contain_text("are revoked.")


def allow_to_introspect(machine: Machine) -> None:
    """Let the orders API's own client ask about tokens."""
    api = API.objects.get(identifier="https://orders.example.com")
    allow_introspection(api, machine.row, ACTOR)


def ask_for_token(visitor: Visitor, machine: Machine) -> requests.Response:
    """Ask for a token as the client's program does, and have it written down."""
    answer = post(visitor, "token", machine, grant_type="client_credentials")
    write_down()
    return answer


def introspect(visitor: Visitor, machine: Machine, token: str) -> Any:
    """Return what the server says of a token."""
    return post(visitor, "introspect", machine, token=token).json()


def post(visitor: Visitor, endpoint: str, machine: Machine, **form: str) -> requests.Response:
    """Post to an endpoint with the client's secret."""
    return requests.post(
        f"{visitor.site}/oauth/{endpoint}",
        auth=(machine.client_id, machine.client_secret),
        data=form,
        timeout=10,
    )


def call(visitor: Visitor, token: str) -> requests.Response:
    """Call an API with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{visitor.site}/api/scoped/", headers=headers, timeout=10)
