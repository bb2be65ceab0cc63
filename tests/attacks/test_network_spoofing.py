"""Threat: use a stolen secret from elsewhere, by pretending to come from an allowed network."""

import json
from typing import Any

import pytest
from django.test import Client as HTTPClient

from django_cc.models import AuditEvent, MachineClient
from tests.machines import FORM, TOKEN_URL, Machine, TokenEndpoint, call, read_json, register

pytestmark = pytest.mark.django_db

INSIDE, OUTSIDE, PROXY = "10.1.2.3", "203.0.113.9", "192.0.2.1"


@pytest.fixture
def inner(token_endpoint: TokenEndpoint) -> Machine:
    """A client that may ask from one network of each family."""
    return register(allowed_networks=["10.0.0.0/8", "2001:db8::/32"])


def ask(machine: Machine, address: str = OUTSIDE, *, secret: str = "", **headers: str) -> Any:
    headers["authorization"] = Machine(
        machine.row, machine.client_id, secret or machine.client_secret
    ).basic()
    return HTTPClient(REMOTE_ADDR=address).post(
        TOKEN_URL,
        data=b"grant_type=client_credentials",
        content_type=FORM,
        headers=headers,
        secure=True,
    )


def trust_one_proxy(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}


@pytest.mark.parametrize("address", [INSIDE, "2001:db8::7", "::ffff:10.1.2.3", "10.1.2.3:4711"])
def test_serves_the_client_from_where_it_may_ask(inner: Machine, address: str) -> None:
    assert ask(inner, address).status_code == 200


@pytest.mark.rfc("6749", "5.2", "unauthorized_client: the authenticated client is not authorized")
@pytest.mark.parametrize("address", [OUTSIDE, "2001:db9::7", "::ffff:203.0.113.9", "", "unix:"])
def test_refuses_the_right_secret_from_elsewhere(inner: Machine, address: str) -> None:
    answer = ask(inner, address)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "unauthorized_client")
    assert "access_token" not in read_json(answer)
    assert "WWW-Authenticate" not in answer
    assert answer["Cache-Control"] == "no-store"


NAMES = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"]


@pytest.mark.rfc("9700", "4.13", "proxy headers MUST be sanitised: a network list relies on it")
@pytest.mark.parametrize("name", NAMES)
def test_believes_no_header_where_no_proxy_is_trusted(inner: Machine, name: str) -> None:
    value = f"for={INSIDE}" if name == "Forwarded" else INSIDE

    assert ask(inner, **{name: value}).status_code == 400


@pytest.mark.rfc("9700", "4.13", "proxy headers MUST be sanitised: a network list relies on it")
@pytest.mark.parametrize(
    "header",
    [f"{INSIDE}, {OUTSIDE}", f"{INSIDE},{INSIDE},{OUTSIDE}", f"{INSIDE}, ", "", f"{INSIDE};"],
)
def test_believes_no_more_than_the_trusted_proxy_wrote(
    inner: Machine, settings: Any, header: str
) -> None:
    trust_one_proxy(settings)

    assert ask(inner, PROXY, **{"X-Forwarded-For": header}).status_code == 400


def test_refuses_when_the_trusted_proxy_says_nothing(inner: Machine, settings: Any) -> None:
    trust_one_proxy(settings)

    assert ask(inner, INSIDE).status_code == 400


def test_believes_the_trusted_proxy(inner: Machine, settings: Any) -> None:
    trust_one_proxy(settings)

    answer = ask(inner, PROXY, **{"X-Forwarded-For": f"{OUTSIDE}, {INSIDE}"})

    assert answer.status_code == 200


def test_tells_nobody_without_the_secret_which_networks_there_are(inner: Machine) -> None:
    wrong = "dccs_" + "A" * 49

    answers = [ask(inner, address, secret=wrong) for address in (INSIDE, OUTSIDE)]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_tells_the_operators_what_happened(inner: Machine) -> None:
    from django_cc.authorization_server.recording import write_down

    ask(inner)
    write_down()

    event = AuditEvent.objects.get(event="token_refused", client_id=inner.client_id)
    assert (event.reason, event.address) == ("network_not_allowed", OUTSIDE)


def test_leaves_the_use_of_tokens_alone(inner: Machine) -> None:
    token = json.loads(ask(inner, INSIDE).content)["access_token"]

    assert call(token=token, REMOTE_ADDR=OUTSIDE).status_code == 200


BROKEN: list[object] = [["everywhere"], ["10.0.0.1/8"], "10.0.0.0/8", {}, 7, None, [None], [[]]]


@pytest.mark.parametrize("value", BROKEN, ids=repr)
def test_a_row_altered_by_hand_stops_its_client_alone(
    inner: Machine, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    other = register("Another")
    MachineClient.objects.filter(pk=inner.row.pk).update(allowed_networks=json_value(value))

    statuses = [ask(machine, INSIDE).status_code for machine in (inner, other)]

    assert statuses == [400, 200]
    assert f"networks of the client {inner.client_id} cannot be read" in caplog.text


def json_value(value: object) -> Any:
    from django.db.models import JSONField, Value

    return Value(value, JSONField())
