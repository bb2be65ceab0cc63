"""The limits of clients and APIs, as commands set and show them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.models import AuditEvent
from tests.machines import Machine, TokenEndpoint

pytestmark = pytest.mark.django_db

STOCK = "https://stock.example.com"


def run(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def update(machine: Machine, *arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(
        run("cc_client", "update", machine.client_id, *arguments, "--json")
    )
    return result


def show(client_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run("cc_client", "show", client_id, "--json"))
    return shown


def details(event: str) -> list[str]:
    rows = AuditEvent.objects.filter(event=event).order_by("pk")
    return list(rows.values_list("detail", flat=True))


def test_sets_and_lifts_the_token_lifetime_of_a_client(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    update(machine, "--token-lifetime", "5m")
    short = token_endpoint.issue(machine)["expires_in"], show(machine.client_id)["token_lifetime"]

    update(machine, "--default-token-lifetime")

    assert short == (300, 300)
    assert token_endpoint.issue(machine)["expires_in"] == 600
    assert details("client_updated") == ["token_lifetime: - → 300", "token_lifetime: 300 → -"]


@pytest.mark.parametrize("lifetime", ["59s", "25h", "0"])
def test_refuses_a_lifetime_out_of_bounds(machine: Machine, lifetime: str) -> None:
    for command, name in (("cc_client", machine.client_id), ("cc_api", STOCK)):
        action = "update" if command == "cc_client" else "create"
        with pytest.raises(CommandError, match=r"^token_lifetime: Tokens live from 60 seconds"):
            run(command, action, name, "--token-lifetime", lifetime)


def test_says_that_the_limit_is_there_already(machine: Machine) -> None:
    update(machine, "--token-lifetime", "5m")

    assert update(machine, "--token-lifetime", "300s")["changed"] == []


def test_registers_a_client_with_its_limits() -> None:
    created = run(
        "cc_client", "create", "Sync", "--scope", "orders:read", "--token-lifetime", "5m", "--json"
    )

    assert show(json.loads(created)["client_id"])["token_lifetime"] == 300


def test_sets_and_lifts_the_token_lifetime_of_an_api() -> None:
    run("cc_api", "create", STOCK, "--token-lifetime", "5m")
    created = f"{STOCK}  {STOCK}  0 using it  tokens live 300 s\n" in run("cc_api", "list")

    run("cc_api", "update", STOCK, "--token-lifetime", "1h", "--name", "Stock")
    run("cc_api", "update", STOCK, "--default-token-lifetime")

    listed = {api["identifier"]: api for api in json.loads(run("cc_api", "list", "--json"))}
    assert created
    assert (listed[STOCK]["token_lifetime"], listed[STOCK]["name"]) == (None, "Stock")
    assert details("api_created") == [f"{STOCK}  token_lifetime: 300"]
    assert details("api_updated") == [
        f"{STOCK}  token_lifetime: 300 → 3600; name: {STOCK} → Stock",
        f"{STOCK}  token_lifetime: 3600 → -",
    ]


def test_changes_nothing_of_an_api_where_nothing_differs() -> None:
    run("cc_api", "create", STOCK)

    assert run("cc_api", "update", STOCK) == f"The API {STOCK} was so already.\n"
