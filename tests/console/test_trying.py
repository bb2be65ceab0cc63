"""The tab "Try it": a preview that tells the truth, and a request that needs the credential."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, MachineClient, UsageHour
from tests.console.console import Console, create_user, read
from tests.jwts import read_claims, read_header
from tests.machines import ACTOR, Machine, TokenEndpoint, call, register
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.usefixtures("signing_key")

ORDERS = "https://orders.example.com"
_TOKEN = re.compile(r'id="cc-access_token" value="([^"]+)"')
_CHANGING = ("iat", "exp", "jti")


@pytest.fixture
def tester(db: None) -> Console:
    """The console as ben sees it, who may send test requests."""
    rights = ("view_machineclient", "access_all_clients", "test_request")
    return Console(create_user("ben", *rights))


def read_code(answer: HttpResponse, name: str) -> Any:
    """Return the JSON of a block of code."""
    found = re.search(rf'id="cc-code-{name}"[^>]*>(.*?)</pre>', read(answer), re.DOTALL)
    assert found
    return json.loads(found[1])


def send(console: Console, machine: Machine, **fields: str) -> HttpResponse:
    return console.submit("try", machine.row.pk, **{"secret": machine.client_secret, **fields})


def without_what_changes(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in _CHANGING}


def more_claims(_client: Any, _request: Any) -> dict[str, str]:
    return {"tenant": "blue"}


@pytest.mark.parametrize("extra", [None, "tests.console.test_trying.more_claims"])
@pytest.mark.parametrize(
    "asked",
    [{}, {"scope": "orders:read"}, {"api": ORDERS}, {"api": ORDERS, "scope": "orders:read"}],
)
def test_previews_what_a_real_token_says(
    console: Console,
    machine: Machine,
    token_endpoint: TokenEndpoint,
    settings: Settings,
    asked: dict[str, str],
    extra: str | None,
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "EXTRA_CLAIMS": extra}
    sent = {"resource" if name == "api" else name: value for name, value in asked.items()}
    token = token_endpoint.access_token(machine, **sent)

    answer = console.visit("try", machine.row.pk, query=asked)

    real, shown = read_claims(token), read_code(answer, "payload")
    assert read_code(answer, "header") == read_header(token)
    assert without_what_changes(shown) == without_what_changes(real)
    assert shown.keys() == real.keys()
    assert shown["exp"] - shown["iat"] == real["exp"] - real["iat"]


def test_tells_what_was_asked_given_and_where_each_claim_comes_from(
    console: Console, machine: Machine
) -> None:
    text = read(console.visit("try", machine.row.pk))

    assert "no scope" in text
    assert "for 600 seconds" in text
    assert "The identifier of the API." in text


def test_leads_past_the_preview_to_the_test_request(tester: Console, machine: Machine) -> None:
    text = read(tester.visit("try", machine.row.pk))

    assert '<a href="#cc-test">Send a test request</a>' in text
    assert '<h2 id="cc-test"' in text
    assert "Which API the token is for; sent as “resource”." in text


def test_leads_nobody_to_a_part_that_is_not_there(console: Console, machine: Machine) -> None:
    assert 'href="#cc-test"' not in read(console.visit("try", machine.row.pk))


def test_tells_why_a_request_would_be_refused(console: Console, machine: Machine) -> None:
    text = read(console.visit("try", machine.row.pk, query={"scope": "billing:read"}))

    assert "invalid_scope" in text
    assert "The client does not hold every scope it needed" in text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"scope": "orders:read"}, {"billing:read": "at Billing", "orders:write": "not asked for"}),
        ({"api": ORDERS}, {"billing:read": "at Billing"}),
        ({"scope": "orders:read orders:burn"}, {"orders:burn": "does not hold it"}),
    ],
    ids=["some", "of one API", "more than is held"],
)
def test_tells_what_is_left_out_and_why(
    console: Console, asked: dict[str, str], expected: dict[str, str]
) -> None:
    machine = register(scopes=["orders:read", "orders:write", "billing:read"])

    text = read(console.visit("try", machine.row.pk, query=asked))

    rows = text.partition("<dt>Left out</dt>")[2].partition("</dl>")[0].split("<dd>")[1:]
    assert len(rows) == len(expected)
    for row, (scope, why) in zip(rows, expected.items(), strict=True):
        assert f">{scope}</code>" in row
        assert why in row


def test_nothing_is_left_out_of_a_token_that_says_it_all(
    console: Console, machine: Machine
) -> None:
    assert "Left out" not in read(console.visit("try", machine.row.pk))


def test_tells_that_a_disabled_client_gets_nothing(console: Console, machine: Machine) -> None:
    disable_client(machine.row, ACTOR)

    text = read(console.visit("try", machine.row.pk))

    assert "The client was disabled" in text
    assert "cc-code-payload" not in text


def test_an_api_that_is_not_held_cannot_be_chosen(console: Console, machine: Machine) -> None:
    text = read(console.visit("try", machine.row.pk, query={"api": "https://nowhere.example"}))

    assert "Select a valid choice." in text


def test_a_preview_leaves_nothing_behind(console: Console, machine: Machine) -> None:
    of_client = {"client_id": machine.client_id}
    before = AuditEvent.objects.filter(**of_client).count()

    console.visit("try", machine.row.pk)
    write_down()

    assert AuditEvent.objects.filter(**of_client).count() == before
    assert not UsageHour.objects.filter(**of_client).exists()


def test_a_test_request_brings_a_real_token(tester: Console, machine: Machine) -> None:
    answer = send(tester, machine, scope="orders:read")

    found = _TOKEN.search(read(answer))
    assert found
    assert call(token=found[1]).status_code == 200
    assert read_code(answer, "trial-claims") == read_claims(found[1])
    assert read_code(answer, "body")["token_type"] == "Bearer"


def test_no_cache_keeps_the_answer(tester: Console, machine: Machine) -> None:
    answer = send(tester, machine)

    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_counts_as_any_request_and_tells_who_sent_it(tester: Console, machine: Machine) -> None:
    answer = send(tester, machine)
    write_down()

    event = AuditEvent.objects.get(event="token_tested")
    assert (event.actor, event.client_id, event.result) == ("ben", machine.client_id, "done")
    assert event.detail == f"200 {read_code(answer, 'trial-claims')['jti']}"
    assert UsageHour.objects.get(client_id=machine.client_id).count == 1


def test_is_held_to_the_networks_of_the_client(tester: Console, machine: Machine) -> None:
    update_client(machine.row, Changes(allowed_networks=["10.0.0.0/8"]), ACTOR)

    text = read(send(tester, machine))

    assert "unauthorized_client" in text
    assert "came from a network it may not ask for tokens from" in text


def test_is_held_to_the_rate_of_the_client(tester: Console, machine: Machine) -> None:
    update_client(machine.row, Changes(rate=1), ACTOR)

    first, second = read(send(tester, machine)), read(send(tester, machine))

    assert _TOKEN.search(first)
    assert "429" in second


def test_failures_count_towards_the_limit_of_failures(
    tester: Console, machine: Machine, settings: Settings
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": 1}

    for _time in range(2):
        answer = send(tester, machine, secret="wrong")

    assert "429" in read(answer)


@pytest.mark.parametrize("secret", ["wrong", "dccs_", "a\tb", "é", "x" * 5000])
def test_without_the_right_secret_nobody_gets_a_token(
    tester: Console, machine: Machine, secret: str
) -> None:
    answer = send(tester, machine, secret=secret)

    assert not _TOKEN.search(read(answer))
    assert "invalid_client" in read(answer)
    assert AuditEvent.objects.get(event="token_tested").result == "refused"


def test_the_secret_of_another_client_brings_no_token(tester: Console, machine: Machine) -> None:
    other = register("Warehouse import")

    answer = send(tester, machine, secret=other.client_secret)

    assert not _TOKEN.search(read(answer))
    assert "right, but for another client" in read(answer)


def test_a_secret_with_a_line_break_is_told(tester: Console, machine: Machine) -> None:
    text = read(send(tester, machine, secret=f"{machine.client_secret} "))

    assert "with a blank or a line break around it" in text


def test_a_client_with_keys_is_asked_for_an_assertion(tester: Console, machine: Machine) -> None:
    add_key(machine.row, private_key().public_jwk(), ACTOR)
    change_authentication(machine.row, MachineClient.Authentication.PRIVATE_KEY_JWT, ACTOR)

    asked = read(tester.visit("try", machine.row.pk))
    answer = tester.submit("try", machine.row.pk, assertion="a.b.c")

    assert "Signed assertion" in asked
    assert 'type="password"' not in asked
    assert "invalid_client" in read(answer)
    assert "a.b.c" not in read(answer)


def test_nothing_is_sent_without_a_credential(tester: Console, machine: Machine) -> None:
    text = read(send(tester, machine, secret=""))

    assert "Give exactly one credential of the client." in text
    assert not AuditEvent.objects.filter(event="token_tested").exists()


def test_without_the_right_nothing_is_sent(console: Console, machine: Machine) -> None:
    offered = read(console.visit("try", machine.row.pk))

    answer = send(console, machine)

    assert "Send the test request" not in offered
    assert answer.status_code == 403
    assert AuditEvent.objects.filter(event="action_denied", detail="try").exists()
    assert not AuditEvent.objects.filter(event="token_tested").exists()


def test_says_above_the_preview_that_there_is_no_credential(
    tester: Console, machine: Machine
) -> None:
    words = "It has no credential: it cannot get this yet."
    before = read(tester.visit("try", machine.row.pk))
    machine.row.secrets.all().delete()

    assert words not in before
    assert words in read(tester.visit("try", machine.row.pk))
