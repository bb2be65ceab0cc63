"""The resource server without the toolkit, our tables, or any user model.

The authorization server is a real one, over HTTP on loopback; the API is a project in a process
of its own.
"""

import json
import textwrap
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import API
from tests.machines import ACTOR, Machine, TokenEndpoint, register
from tests.projects.probe import probe_project

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REPORTS_API = "https://reports.example.com"

ALONE = textwrap.dedent(
    """
    import asyncio, json, os, sys, threading
    for blocked in ("oauth2_provider", "django_cc.models", "django_cc.authorization_server"):
        sys.modules[blocked] = None
    import django
    django.setup()
    from django.core.checks import run_checks
    from django.test import AsyncClient, Client
    checks = [message.id for message in run_checks(include_deployment_checks=True)]
    ours = [name for name in checks if name.startswith("django_cc")]
    threads = threading.active_count()

    def call(token=None):
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return Client().get("/reports/", headers=headers)

    async def call_asgi(token):
        return await AsyncClient().get("/reports/", headers={"authorization": f"Bearer {token}"})

    def call_in_child(token):
        child = os.fork()
        if not child:
            os._exit(call(token).status_code // 100)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * 100

    METADATA = "/.well-known/oauth-protected-resource"
    good, other_api = os.environ["GOOD"], os.environ["OTHER_API"]
    stranger = call()
    print(json.dumps({
        "checks": ours,
        "threads": threads,
        "stranger": [stranger.status_code, stranger["WWW-Authenticate"]],
        "metadata": Client(headers={"host": "reports.example.com"}).get(METADATA).json(),
        "garbage": call("e30.e30.e30").status_code,
        "other api": call(other_api).status_code,
        "good": call(good).json(),
        "asgi": asyncio.run(call_asgi(good)).status_code,
        "forked": [call_in_child(good), call_in_child(os.environ["SECOND"])],
        "auth": "django.contrib.auth.models" in sys.modules,
    }))
    """
)


@pytest.fixture
def issuer(live_server: LiveServer, settings: Any) -> str:
    """The address of an authorization server that has an API of reports."""
    address = str(live_server.url)
    own = {"ISSUER": address, "ALLOW_INSECURE_TRANSPORT": True}
    settings.DJANGO_CC = {**settings.DJANGO_CC, **own}
    ensure_signing_key(ACTOR)
    create_scope(create_api(REPORTS_API, ACTOR, name="Reports"), "reports:read", ACTOR)
    return address


@pytest.fixture
def machine(issuer: str) -> Machine:
    """A client that may read reports, and orders."""
    return register(scopes=["reports:read", "orders:read"])


def probe(project: str, issuer: str, machine: Machine, **more: str) -> Any:
    tokens = {
        "GOOD": issue(machine, "reports:read"),
        "SECOND": issue(machine, "reports:read"),
        "OTHER_API": issue(machine, "orders:read"),
    }
    return probe_project(project, ALONE, ISSUER=issuer, **tokens, **more)


def issue(machine: Machine, scope: str) -> str:
    return TokenEndpoint().access_token(machine, scope=scope)


def expect(issuer: str, machine: Machine) -> dict[str, Any]:
    return {
        "metadata": {
            "resource": REPORTS_API,
            "authorization_servers": [issuer],
            "bearer_methods_supported": ["header"],
        },
        "checks": ["django_cc.W111"],  # the issuer is on loopback
        "threads": 1,
        "stranger": [401, 'Bearer realm="api"'],
        "garbage": 401,
        "other api": 401,
        "good": [f"client:{machine.client_id}"],
        "asgi": 200,
        "forked": [200, 200],
        "auth": False,
    }


def test_verifies_offline_with_everything_above_it_blocked(issuer: str, machine: Machine) -> None:
    assert probe("resource_server", issuer, machine) == expect(issuer, machine)


def test_introspects_with_everything_above_it_blocked(issuer: str, machine: Machine) -> None:
    reports = register("Reports", [])
    allow_introspection(API.objects.get(identifier=REPORTS_API), reports.row, ACTOR)
    credentials = {"CLIENT_ID": reports.client_id, "CLIENT_SECRET": reports.client_secret}

    assert probe("introspecting", issuer, machine, **credentials) == expect(issuer, machine)


def test_lets_nobody_in_who_may_not_introspect(issuer: str, machine: Machine) -> None:
    stranger = register("Stranger", [])
    credentials = {"CLIENT_ID": stranger.client_id, "CLIENT_SECRET": stranger.client_secret}

    found = probe("introspecting", issuer, machine, **credentials)

    assert (found["asgi"], found["forked"]) == (401, [400, 400])


WRONG = textwrap.dedent(
    """
    import json, os, django
    django.setup()
    from django.core.checks import run_checks
    from django.test import override_settings
    found = []
    for keys in json.loads(os.environ["KEYS"]):
        with override_settings(DJANGO_CC=keys):
            found.append([m.msg for m in run_checks() if str(m.id).startswith("django_cc")])
    print(json.dumps(found))
    """
)

WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, '"ISSUER"] is required'),
    ({"ISSUER": "https://a.example"}, '"AUDIENCE"] is required'),
    ({"ISSUER": "http://a.example", "AUDIENCE": "urn:a:b"}, "must start with https://"),
    ({"TOKEN_LIFETIME": 600}, "unknown keys: TOKEN_LIFETIME"),
]


def test_tells_what_is_missing_or_wrong() -> None:
    found = probe_project("resource_server", WRONG, KEYS=json.dumps([keys for keys, _ in WORDS]))

    for messages, (_keys, words) in zip(found, WORDS, strict=True):
        assert [words in message for message in messages] == [True], messages
