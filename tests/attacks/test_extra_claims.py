"""Threat: the project's hook changes who a token speaks for, or a token goes out without it."""

from typing import Any

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.access_token.extra_claims import RESERVED_CLAIMS
from django_cc.protocol.client import Client
from tests.machines import Machine, TokenEndpoint, call, read_json

pytestmark = pytest.mark.django_db


def add_tenant(client: Client, request: HttpRequest) -> object:
    """The hook as a project writes it."""
    return {"tenant": f"{client.client_id} at {request.get_host()}", "form": len(request.POST)}


def use(settings: Any, path: str = "add_tenant") -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "EXTRA_CLAIMS": f"{__name__}.{path}"}


def answer_with(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    monkeypatch.setattr(f"{__name__}.add_tenant", lambda _client, _request: value)


def test_puts_the_claims_of_the_hook_into_the_token(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    use(settings)

    token = token_endpoint.access_token(machine)

    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["tenant"], claims["form"]) == (f"{machine.client_id} at testserver", 1)
    assert call(token=token).status_code == 200


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_makes_no_token_where_the_hook_overwrites_a_claim(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    use(settings)
    answer_with(monkeypatch, {name: "somebody else"})

    answer = token_endpoint.post(authorization=machine.basic())

    assert answer.status_code == 503
    assert f"for {machine.client_id} cannot be used: {name} cannot be overwritten" in caplog.text
    assert "somebody else" not in caplog.text + answer.content.decode()


WRONG: dict[str, object] = {"nothing": None, "a list": [], "no JSON": {"a": {1}}}
WRONG["too much"] = {"a": "x" * 5000}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_makes_no_token_without_what_the_hook_meant_to_say(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    value: object,
) -> None:
    use(settings)
    answer_with(monkeypatch, value)

    answer = token_endpoint.post(authorization=machine.basic())

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert read_json(answer)["error"] == "temporarily_unavailable"


def fail(_client: Client, _request: HttpRequest) -> object:
    """A hook whose service is away."""
    raise ConnectionError("the tenant service is away")


def test_makes_no_token_where_the_hook_fails_and_says_why_once(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use(settings, "fail")
    with caplog.at_level("INFO"):
        answers = [token_endpoint.post(authorization=machine.basic()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert caplog.text.count("EXTRA_CLAIMS failed for") == 1
    assert "ConnectionError: the tenant service is away" in caplog.text
    assert machine.client_secret not in caplog.text
    assert "tenant service" not in answers[0].content.decode()


def test_asks_the_hook_for_nobody_who_is_refused(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    use(settings, "fail")
    thief = Machine(machine.row, machine.client_id, "dccs_wrong")

    assert token_endpoint.post(authorization=thief.basic()).status_code == 401


NO_HOOKS = {"missing": "cannot be imported", "NO_HOOKS": "cannot be called"}


@pytest.mark.parametrize(("path", "problem"), NO_HOOKS.items(), ids=NO_HOOKS)
def test_is_checked_before_the_first_request(settings: Any, path: str, problem: str) -> None:
    use(settings, path)

    with pytest.raises(ImproperlyConfigured, match=rf'\["EXTRA_CLAIMS"\].*{problem}'):
        get_settings()
