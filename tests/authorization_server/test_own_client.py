"""A client reads its own registration and usage."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.models import UsageHour
from tests.machines import ACTOR, Machine, TokenEndpoint, call, read_json, register
from tests.projects.combined import ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

URL = "/oauth/client"


@pytest.fixture
def own(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine, resource=ISSUER)


def get(token: str | None, **more: Any) -> Any:
    return call(URL, token=token, secure=True, **more)


def test_tells_a_client_what_is_registered(machine: Machine, own: str) -> None:
    told = read_json(get(own))

    assert told["client_id"] == machine.client_id
    assert told["access"] == {ORDERS_API: ["orders:read", "orders:write"]}
    assert (told["default_api"], told["token_lifetime"]) == (None, 600)
    assert told["next_expiry"] == told["secrets"][0]["expires_at"]


def test_tells_no_secret_and_no_digest(machine: Machine, own: str) -> None:
    text = get(own).content.decode()

    assert machine.client_secret not in text
    assert machine.row.secrets.get().digest not in text
    assert json.loads(text)["secrets"][0]["visible"] == str(machine.row.secrets.get())


def test_tells_usage_by_hour_and_day(machine: Machine, own: str) -> None:
    for age, reason in ((timedelta(0), ""), (timedelta(days=3), ""), (timedelta(days=3), "x")):
        UsageHour.objects.create(
            hour=(datetime.now(UTC) - age).replace(minute=0, second=0, microsecond=0),
            client_id=machine.client_id,
            api="" if reason else ORDERS_API,
            outcome="refused" if reason else "issued",
            reason=reason,
            count=5,
        )

    usage = read_json(get(own))["usage"]

    assert [(hour["issued"], hour["refused"]) for hour in usage["hours"]] == [({ORDERS_API: 5}, {})]
    assert [(day["issued"], day["refused"]) for day in usage["days"]] == [
        ({ORDERS_API: 5}, {"x": 5}),
        ({ORDERS_API: 5}, {}),
    ]


def test_asks_no_more_of_the_database_the_more_there_is(
    token_endpoint: TokenEndpoint, own: str
) -> None:
    with CaptureQueriesContext(connection) as few:
        get(own)
    busy = register("Busy", ["orders:read", "billing:read", "introspection"])
    token = token_endpoint.access_token(busy, resource=ISSUER)
    write_down()
    with CaptureQueriesContext(connection) as many:
        get(token)

    assert len(many) == len(few)


@pytest.mark.rfc("6750", "3.1", "No error code where no credentials were sent")
def test_challenges_who_sends_no_token() -> None:
    answer = get(None)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


@pytest.mark.rfc("6750", "3", "MUST include the WWW-Authenticate header field")
def test_challenges_who_sends_no_one_token() -> None:
    answer = get(None, header="Bearer a b")

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_request"')


@pytest.mark.rfc("6750", "3.1", "invalid_token: 401")
def test_refuses_a_token_for_another_api(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    answer = get(token_endpoint.access_token(machine))

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1", "insufficient_scope: 403, MAY name the scope")
def test_refuses_a_token_without_the_scope(token_endpoint: TokenEndpoint) -> None:
    gateway = register("Gateway", ["introspection"])

    answer = get(token_endpoint.access_token(gateway, resource=ISSUER, scope="introspection"))

    assert (answer.status_code, read_json(answer)["error"]) == (403, "insufficient_scope")
    assert 'scope="client:read"' in answer["WWW-Authenticate"]


def test_refuses_a_disabled_client(machine: Machine, own: str) -> None:
    disable_client(machine.row, ACTOR)

    assert get(own).status_code == 401


def test_is_read_only_and_never_cached(own: str) -> None:
    assert get(own, method="POST").status_code == 405
    assert get(own)["Cache-Control"] == "no-store"


def test_needs_tls(own: str) -> None:
    assert call(URL, token=own).status_code == 400


def test_troubles_no_system_check() -> None:
    ids = {message.id for message in run_checks()}

    assert not ids & {"django_cc.E006", "django_cc.E102", "django_cc.W102"}
