"""The OAuth endpoints are what openapi.yaml says, whatever is sent to them.

Schemathesis makes requests up from the description, good ones and bad ones, and compares every
answer with it: its status, headers and body. None may be a 500.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from django_cc.authorization_server.endpoints.urls import urlpatterns
from tests.machines import (
    FORM,
    INTROSPECTION_URL,
    REVOCATION_URL,
    TOKEN_URL,
    Machine,
    TokenEndpoint,
)
from tests.projects.combined import ISSUER

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SERVER = "https://testserver"

api = schemathesis.openapi.from_path(Path(__file__).with_name("openapi.yaml"))
api.app = get_wsgi_application()
PATHS = sorted(api.raw_schema["paths"])

bounded = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def connection_kept() -> Iterator[None]:
    """Let no request close the connection of the test's transaction, as Django's client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def send(case: Any, authorization: str | None) -> Any:
    """Send one request; return the answer if the description allows it."""
    headers = {} if authorization is None else {"Authorization": authorization}
    with connection_kept():
        answer = case.call(base_url=SERVER, headers=headers)
    case.validate_response(answer, checks=CHECKS)
    return answer


def send_what_is_made_up(path: str, authorization: str | None) -> None:
    """Send requests made up from the description of `path`."""
    [operation] = api[path].values()

    @bounded
    @given(case=operation.as_strategy())
    def send_one(case: Any) -> None:
        send(case, authorization)

    send_one()


@pytest.mark.parametrize("path", PATHS)
def test_answers_a_stranger_as_described(signing_key: None, path: str) -> None:
    send_what_is_made_up(path, None)


@pytest.mark.parametrize("path", [TOKEN_URL, INTROSPECTION_URL, REVOCATION_URL])
def test_answers_a_client_as_described(signing_key: None, machine: Machine, path: str) -> None:
    send_what_is_made_up(path, machine.basic())


@pytest.mark.parametrize("path", [INTROSPECTION_URL, "/oauth/client"])
def test_answers_an_access_token_as_described(
    token_endpoint: TokenEndpoint, machine: Machine, path: str
) -> None:
    token = token_endpoint.access_token(machine, resource=ISSUER)

    send_what_is_made_up(path, f"Bearer {token}")


def succeed(path: str, authorization: str | None, **form: str) -> Any:
    """Send a good request to the endpoint at `path`; return the answer's text."""
    method = "POST" if form else "GET"
    body: Any = {"body": form, "media_type": FORM} if form else {}
    answer = send(api[path][method].Case(**body), authorization)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_succeeds_is_described(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    basic = machine.basic()
    granted = succeed("/oauth/token", basic, grant_type="client_credentials", resource=ISSUER)
    token = json.loads(granted)["access_token"]

    assert '"active": true' in succeed("/oauth/introspect", basic, token=token)
    assert machine.client_id in succeed("/oauth/client", f"Bearer {token}")
    assert succeed("/oauth/revoke", basic, token=token) == ""
    assert succeed("/oauth/introspect", basic, token=token) == '{"active": false}'
    assert "P-256" in succeed("/oauth/jwks", None)
    assert ISSUER in succeed("/.well-known/oauth-authorization-server", None)
    assert ISSUER in succeed("/.well-known/oauth-protected-resource", None)


def test_every_route_is_described() -> None:
    written = [str(route.pattern) for route in urlpatterns]
    routes = {"/" + re.sub(r"<path:([a-z_]+)>", r"/{\1}", path) for path in written}

    assert set(api.raw_schema["paths"]) == routes
