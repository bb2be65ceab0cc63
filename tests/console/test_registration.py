"""Registering a machine client in the console."""

import base64
import json
import re

import pytest
from django.utils import timezone

from django_cc.models import AuditEvent, MachineClient
from tests.assertions import new_key
from tests.console.console import Console, page_url, read, read_secret, registered_machine
from tests.console.pasted_keys import to_public_pem
from tests.machines import TokenEndpoint

COPY_FIRST = "Copy the secret first: the next page asks for it."


def test_answers_the_submission_itself_with_the_secret(console: Console) -> None:
    answer = console.register()

    assert answer.status_code == 200
    assert "“Billing sync” is registered" in read(answer)
    assert read_secret(answer).startswith("dccs_")


def test_the_secret_that_was_shown_gets_a_token(
    console: Console, token_endpoint: TokenEndpoint
) -> None:
    answer = console.register(scopes=["orders:read", "orders:write"])

    document = token_endpoint.issue(registered_machine(answer))
    assert document["scope"] == "orders:read orders:write"


def test_the_one_who_registers_owns_the_client(console: Console) -> None:
    console.register()

    client = MachineClient.objects.get()
    assert (client.owner, client.registered_by) == (console.user, console.user)


def test_the_audit_trail_names_the_actor_and_the_address(console: Console) -> None:
    console.register()

    event = AuditEvent.objects.get(event=AuditEvent.Event.CLIENT_REGISTERED)
    assert (event.actor_kind, event.actor, event.address) == ("user", "ana", "127.0.0.1")
    assert event.client_name == "Billing sync"


def test_grants_the_chosen_scopes_and_no_other(console: Console) -> None:
    console.register(scopes=["orders:read", "billing:read"])

    client = MachineClient.objects.get()
    granted = client.access.values_list("scope__name", "granted_by")
    assert set(granted) == {("orders:read", "ana"), ("billing:read", "ana")}


def test_the_secret_expires_when_it_was_chosen_to(console: Console) -> None:
    console.register(secret_expires="30")

    secret = MachineClient.objects.get().secrets.get()
    assert secret.expires_at is not None
    assert (secret.expires_at - timezone.now()).days in {29, 30}


@pytest.mark.parametrize(
    ("header", "directive"), [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
)
def test_no_cache_keeps_the_page_and_no_link_tells_of_it(
    console: Console, header: str, directive: str
) -> None:
    answer = console.register()

    assert directive in answer[header]


def test_offers_the_credentials_as_a_json_file(console: Console) -> None:
    answer = console.register("Büro: Sync (prod)")

    link = re.search(
        r'download="buro-sync-prod-credentials.json" href="data:application/json;base64,([^"]+)',
        read(answer),
    )
    assert link is not None
    document = json.loads(base64.b64decode(link[1]))
    assert document["client_secret"] == read_secret(answer)
    assert document["token_url"] == "https://auth.example.com/oauth/token"
    assert document["audience"] == "https://orders.example.com"
    assert document["scope"] == "orders:read"


def test_only_the_env_file_among_the_snippets_holds_the_secret(console: Console) -> None:
    answer = console.register()

    text = read(answer)
    snippets = dict(re.findall(r'<pre id="cc-code-(\w+)".*?>(.*?)</pre>', text, re.DOTALL))
    holding = [name for name, code in snippets.items() if read_secret(answer) in code]
    assert len(snippets) == 9
    assert holding == ["env"]


def test_says_that_a_request_names_one_of_several_apis(console: Console) -> None:
    answer = console.register(scopes=["orders:read", "billing:read"])

    text = " ".join(read(answer).split())
    assert "This client may call several APIs, so a request names one by “resource”." in text
    assert "--data-urlencode resource=https://billing.example.com" in text


def test_tells_the_address_of_an_api_from_its_identifier(console: Console) -> None:
    answer = console.register()

    text = " ".join(re.sub("<[^>]+>", "", read(answer)).split())
    assert "https://api.example.com/ stands for an address of the API" in text
    assert "The API's identifier, https://orders.example.com, is a name" in text


def test_names_no_identifier_of_an_api_that_there_is_none_of(console: Console) -> None:
    answer = console.register(scopes=[], without_access="on")

    assert "The API's identifier" not in read(answer)


@pytest.mark.parametrize(
    ("name", "file_name"),
    [("Büro: Sync (prod)", "buro-sync-prod.env"), ("請求", "client.env")],
)
def test_names_the_env_file_after_the_client(console: Console, name: str, file_name: str) -> None:
    text = read(console.register(name))

    assert f'download="{file_name}" href="data:text/plain' in text
    assert f"set -a; . ./{file_name}; set +a" in text


def test_says_that_requests_are_refused_without_access(console: Console) -> None:
    answer = console.register(scopes=[], without_access="on")

    assert "It has no API access yet: until it has, every request for a token is refused." in read(
        answer
    )


def test_escapes_a_name_that_is_markup(console: Console) -> None:
    answer = console.register('<img src=x onerror="alert(1)">')

    assert b"<img src=x" not in answer.content


def test_keeps_every_text_of_the_form_as_it_was_typed(console: Console) -> None:
    console.register("  Billing \t sync ", description="Ask ana.\r\nOr ben.")

    client = MachineClient.objects.get()
    assert client.name == "Billing sync"
    assert client.description == "Ask ana.\r\nOr ben."


def test_the_form_says_what_comes_next_and_offers_one_way_to_save(console: Console) -> None:
    answer = console.visit("add")

    text = read(answer)
    assert "Register a machine client" in text
    assert "The next page shows its client ID and its secret." in text
    assert "_addanother" not in text
    assert "_continue" not in text


def test_leads_on_to_a_test_request_and_to_the_client(admin_console: Console) -> None:
    answer = admin_console.register()

    client = MachineClient.objects.get()
    for page in ("try", "change"):
        assert f'href="{page_url(page, client.pk)}' in read(answer)
    assert f'href="{page_url("try", client.pk)}#cc-test"' in read(answer)
    assert COPY_FIRST in read(answer)


def test_leads_nobody_to_a_test_request_who_may_send_none(console: Console) -> None:
    text = read(console.register())

    assert "Send a test request" not in text
    assert COPY_FIRST not in text


def test_asks_nobody_to_copy_a_secret_that_there_is_none_of(admin_console: Console) -> None:
    key = to_public_pem(new_key())

    text = read(admin_console.register(authentication="private_key_jwt", public_key=key))

    assert "Send a test request" in text
    assert COPY_FIRST not in text
