"""The kit for the test suites of our users: real tokens, real checks, a key of its own."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.snapshot.current import current_snapshot
from django_cc.resource_server.testing import (
    MachineAPIClient,
    MachineTokens,
    act_as_machine,
    mint,
)
from tests.jwts import read_claims, read_header, with_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, call
from tests.projects.combined import BILLING_API, ISSUER, ORDERS_API
from tests.services.plugin import NestedPytest
from tests.transactions import IS_ATOMIC

pytest_plugins = ["django_cc.resource_server.pytest_plugin"]

PAGE = (Path(__file__).parents[2] / "docs/how-to/test-your-api.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PATH = "/api/scoped/"
MakeClient = Callable[..., MachineAPIClient]


@pytest.fixture(autouse=True)
def transactions(request: pytest.FixtureRequest) -> None:
    """A database where each view is in a transaction; without, the kit needs none."""
    if IS_ATOMIC:
        request.getfixturevalue("db")


@pytest.fixture
def reader(machine_api_client: MakeClient) -> MachineAPIClient:
    """A machine that may read orders."""
    return machine_api_client(["orders:read"], audience=ORDERS_API)


def mint_for_orders(tokens: MachineTokens, **options: Any) -> str:
    return tokens.mint(**{"scopes": ["orders:read"], "audience": ORDERS_API, **options})


def test_admits_a_machine_that_nobody_registered_without_a_query(reader: MachineAPIClient) -> None:
    assert reader.get(PATH).status_code == 200


def test_refuses_a_machine_without_the_scope(machine_api_client: MakeClient) -> None:
    answer = machine_api_client("orders:write", audience=ORDERS_API).get(PATH)

    assert answer.status_code == 403


def test_mints_what_the_server_would_issue(
    machine_tokens: MachineTokens, token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    issued = token_endpoint.access_token(machine, scope="orders:read")

    minted = mint_for_orders(machine_tokens)

    assert read_claims(minted).keys() == read_claims(issued).keys() - {"client_generation"}
    assert read_header(minted).keys() == read_header(issued).keys()


@pytest.mark.parametrize(
    "options",
    [
        {"audience": BILLING_API},
        {"expires_in": -60},
        {"expires_in": timedelta(minutes=-1)},
        {"issuer": "https://elsewhere.example.com"},
    ],
    ids=str,
)
def test_refuses_what_production_would_refuse(
    machine_tokens: MachineTokens, options: dict[str, Any]
) -> None:
    assert call(PATH, token=mint_for_orders(machine_tokens, **options)).status_code == 401


def test_refuses_a_changed_token(machine_tokens: MachineTokens) -> None:
    forged = with_claims(mint_for_orders(machine_tokens), scope="orders:read orders:write")

    assert call(PATH, token=forged).status_code == 401


@pytest.mark.django_db
def test_its_tokens_are_refused_before_and_after(signing_key: None) -> None:
    with MachineTokens() as tokens:
        token = mint_for_orders(tokens)
        within = call(PATH, token=token).status_code

    after = call(PATH, token=token).status_code

    assert (within, after) == (200, 401)


@pytest.mark.django_db
def test_is_gone_after_a_failure(signing_key: None) -> None:
    minted: list[str] = []

    with pytest.raises(ZeroDivisionError):
        _fail_with_a_token(minted)

    assert [call(PATH, token=token).status_code for token in minted] == [401]


def _fail_with_a_token(minted: list[str]) -> None:
    with MachineTokens() as tokens:
        minted.append(mint_for_orders(tokens))
        raise ZeroDivisionError


def test_mints_nothing_outside() -> None:
    with pytest.raises(RuntimeError, match="within MachineTokens alone"):
        mint(["orders:read"], audience=ORDERS_API)


def test_stays_while_an_outer_one_is_entered(machine_tokens: MachineTokens) -> None:
    with MachineTokens():
        pass

    assert call(PATH, token=mint_for_orders(machine_tokens)).status_code == 200


def test_asks_for_the_audience_where_there_are_several(machine_tokens: MachineTokens) -> None:
    with pytest.raises(ValueError, match="say which by audience="):
        machine_tokens.mint(["orders:read"])


def test_finds_the_only_audience(machine_tokens: MachineTokens, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {ORDERS_API: {"name": "O", "scopes": {}}}}

    claims = read_claims(machine_tokens.mint("orders:read orders:write"))

    assert (claims["aud"], claims["iss"]) == (ORDERS_API, ISSUER)
    assert set(claims["scope"].split()) == {"orders:read", "orders:write"}


@pytest.mark.parametrize("claims", [{"aud": "https://a.example"}, {"plan": {1, 2}}], ids=str)
def test_mints_no_claims_that_no_server_issues(
    machine_tokens: MachineTokens, claims: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"cannot be overwritten|no JSON"):
        mint_for_orders(machine_tokens, **claims)


def test_carries_claims_of_the_project(machine_tokens: MachineTokens) -> None:
    assert read_claims(mint_for_orders(machine_tokens, plan="gold"))["plan"] == "gold"


def test_makes_a_machine_of_djangos_client(machine_tokens: MachineTokens) -> None:
    client = Client()

    act_as_machine(client, ["orders:read"], audience=ORDERS_API)

    assert [client.get(PATH).status_code for _ in range(2)] == [200, 200]


def test_leaves_a_header_of_the_test_alone(reader: MachineAPIClient) -> None:
    answer = reader.get(PATH, headers={"authorization": "Bearer e30.e30.e30"})

    assert answer.status_code == 401


def test_tokens_of_the_server_go_on_living_and_dying(
    machine_tokens: MachineTokens, token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    alive = call(PATH, token=token).status_code

    disable_client(machine.row, ACTOR)

    assert (alive, call(PATH, token=token).status_code) == (200, 401)


def test_stands_for_issuers_elsewhere_and_fetches_nothing(
    machine_tokens: MachineTokens, settings: Any
) -> None:
    elsewhere = {"issuer": "https://other.example.com", "audience": ORDERS_API}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUERS": [elsewhere]}
    token = mint_for_orders(machine_tokens, issuer="https://other.example.com")

    assert call(PATH, token=token).status_code == 200


@pytest.mark.django_db
def test_begins_and_ends_without_what_the_process_knew(signing_key: None) -> None:
    with MachineTokens():
        current_snapshot.look()
        begun = current_snapshot._known

    assert begun is not None
    assert current_snapshot._known is None


def test_needs_no_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; import django_cc.resource_server.testing"
    command = [sys.executable, "-c", code]

    ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
def test_the_page_works_in_a_project_that_only_checks_tokens(
    nested_pytest: NestedPytest, tmp_path: Path
) -> None:
    unittest_cases, plugin, *tests = BLOCKS
    (tmp_path / "conftest.py").write_text(plugin)
    (tmp_path / "test_page.py").write_text("\n".join([unittest_cases, *tests]))
    options = ("--ds=tests.projects.resource_server", f"--rootdir={tmp_path}", "-q")

    ran = nested_pytest(str(tmp_path), *options)

    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    assert "7 passed" in ran.stdout
