"""Scenario 5: a client that signs, from its public key to an assertion that was used twice."""

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent
from django_cc.protocol.jose import PrivateKey
from tests.assertions import KeyMachine, new_key
from tests.browser.scenarios.test_first_token import open_overview
from tests.browser.visitor import Visitor, the_client
from tests.console.pasted_keys import to_public_pem
from tests.machines import FORM
from tests.publishing import Publisher, allow_loopback, publish
from tests.remote.fixtures import Names

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_REFERENCE = re.compile(r"reference [0-9a-f]{16}")


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network of our own."""
    allow_loopback(settings)
    resolver.answer("localhost", ["127.0.0.1"])
    with publish(server_tls) as publisher:
        yield publisher


def test_an_assertion_brings_one_token_and_the_reason_why_not_a_second(ana: Visitor) -> None:
    key = new_key()
    register_signer(ana, "Public key (PEM, JWK or JWK Set)", to_public_pem(key))
    assertion = sign(ana, key)
    ana.follow("Send a test request")

    send(ana, assertion)
    first = read_answer(ana)
    send(ana, assertion)
    second = read_answer(ana)

    assert "The answer to the test request: 200" in first
    assert f'"client_id": "{the_client().client_id}"' in first
    assert "The answer to the test request: 401" in second
    assert "The client assertion had been used before" in second
    assert assertion not in ana.page.content()
    assert "The client assertion had been used before" in identify_reference(ana, second)


def test_the_overview_names_the_key_and_the_activity_the_replay(ana: Visitor) -> None:
    key = new_key()
    register_signer(ana, "Public key (PEM, JWK or JWK Set)", to_public_pem(key))
    assertion = sign(ana, key)
    statuses = [ask_for_token(ana, assertion).status_code for _time in range(2)]

    overview = open_overview(ana)

    assert statuses == [200, 401]
    expect(overview.locator(".cc-status")).to_contain_text("Active")
    last_used = overview.locator("dt:text('Last used') + dd")
    expect(last_used).to_contain_text(f"with {key.public_jwk()['kid']}")
    ana.follow("Activity")
    expect(overview.locator("#content")).to_contain_text("replayed_assertion")
    refused = AuditEvent.objects.filter(event="token_refused", reason="replayed_assertion")
    assert refused.get(client_id=the_client().client_id).client_name == "Billing sync"


def test_a_client_that_publishes_its_key_is_used_too(
    ana: Visitor, publisher: Publisher, time_machine: Any
) -> None:
    key = new_key()
    publisher.publish(key)
    register_signer(ana, "or: JWKS URL", publisher.url)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2), tick=True)
    expect(open_overview(ana).locator(".cc-status")).to_contain_text("Never used")

    answer = ask_for_token(ana, sign(ana, key))

    assert answer.status_code == 200
    expect(open_overview(ana).locator(".cc-status")).to_contain_text("Active")
    last_used = ana.page.locator("dt:text('Last used') + dd")
    expect(last_used).to_contain_text("just now), from 127.0.0.1, with a published key")
    ana.follow("Credentials")
    expect(ana.page.locator("#content")).to_contain_text("Last used just now from 127.0.0.1.")


def register_signer(visitor: Visitor, field: str, value: str) -> None:
    """Register a client that signs its requests."""
    visitor.fill_in()
    visitor.page.get_by_label("Signed JWT").check()
    visitor.page.get_by_label(field).fill(value)
    visitor.save()
    expect(visitor.page.locator("h1").last).to_contain_text("“Billing sync” is registered")


def sign(visitor: Visitor, key: PrivateKey) -> str:
    """Return an assertion of the one client for the server that the visitor sees."""
    client = the_client()
    return KeyMachine(client, client.client_id, key).assertion(aud=visitor.site)


def send(visitor: Visitor, assertion: str) -> None:
    """Send a test request from the tab the visitor has open."""
    visitor.page.get_by_label("Signed assertion").fill(assertion)
    visitor.press("Send the test request")


def read_answer(visitor: Visitor) -> str:
    """Return what the tab says of the test request."""
    return visitor.page.locator("section:has(#cc-answer)").inner_text()


def identify_reference(visitor: Visitor, answer: str) -> str:
    """Return what Identify says of the reference in an answer."""
    (reference,) = _REFERENCE.findall(answer)
    visitor.visit("identify")
    visitor.page.get_by_label("Token, client secret or reference").fill(reference)
    visitor.press("Identify")
    return visitor.page.locator("section:has(#cc-found)").inner_text()


def ask_for_token(visitor: Visitor, assertion: str) -> requests.Response:
    """Ask for a token as the client's program does, and have its use written down."""
    client = the_client()
    body = KeyMachine(client, client.client_id).body(assertion)
    url, headers = f"{visitor.site}/oauth/token", {"Content-Type": FORM}
    answer = requests.post(url, data=body, headers=headers, timeout=10)
    write_down()
    return answer
