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


def test_sets_and_lifts_the_networks_of_a_client(machine: Machine) -> None:
    update(machine, "--allow-network", "10.0.0.0/8", "--allow-network", "2001:DB8::/32")
    named = show(machine.client_id)["allowed_networks"]
    printed = run("cc_client", "show", machine.client_id)

    update(machine, "--any-network")

    assert named == ["10.0.0.0/8", "2001:db8::/32"]
    assert "allowed_networks 10.0.0.0/8 2001:db8::/32" in " ".join(printed.split())
    assert show(machine.client_id)["allowed_networks"] == []
    assert details("client_updated") == [
        "allowed_networks: - → 10.0.0.0/8 2001:db8::/32",
        "allowed_networks: 10.0.0.0/8 2001:db8::/32 → -",
    ]


WRONG_NETWORKS = {
    "10.0.0.1/8": "“10.0.0.1/8” has bits behind its prefix: write 10.0.0.0/8, or",
    "here": "“here” is not a network. Write 10.0.0.0/8 or",
    "": "“” is not a network",
    "fe80::1%eth0": "“fe80::1%eth0” is not a network",
}


@pytest.mark.parametrize(("network", "message"), WRONG_NETWORKS.items(), ids=WRONG_NETWORKS)
def test_refuses_a_network_that_is_none(machine: Machine, network: str, message: str) -> None:
    with pytest.raises(CommandError, match=f"^allowed_networks: {message}"):
        update(machine, "--allow-network", network)

    assert show(machine.client_id)["allowed_networks"] == []


def test_takes_fifty_networks_and_no_more(machine: Machine) -> None:
    options = [f"--allow-network=10.0.{number}.0/24" for number in range(50)]
    update(machine, *options, "--allow-network=10.0.0.0/24")

    with pytest.raises(CommandError, match="Name at most 50 networks"):
        update(machine, *options, "--allow-network=10.0.50.0/24")

    assert len(show(machine.client_id)["allowed_networks"]) == 50


def test_sets_and_lifts_the_rate_of_a_client(machine: Machine) -> None:
    update(machine, "--rate", "100")
    limited = show(machine.client_id)["rate"]

    update(machine, "--no-rate")

    assert (limited, show(machine.client_id)["rate"]) == (100, None)
    assert details("client_updated") == ["rate: - → 100", "rate: 100 → -"]


@pytest.mark.parametrize("rate", ["0", "-1", "1000001"])
def test_refuses_a_rate_out_of_bounds(machine: Machine, rate: str) -> None:
    with pytest.raises(CommandError, match=r"^rate: A rate is a number of tokens a minute"):
        update(machine, f"--rate={rate}")


def test_tells_the_second_of_two_who_edit_the_limits(machine: Machine) -> None:
    update(machine, "--allow-network", "10.0.0.0/8", "--if-version", "1")

    with pytest.raises(CommandError, match="was changed by somebody else"):
        update(machine, "--any-network", "--if-version", "1")


def test_says_that_the_limit_is_there_already(machine: Machine) -> None:
    update(machine, "--token-lifetime", "5m")

    assert update(machine, "--token-lifetime", "300s")["changed"] == []


def test_registers_a_client_with_its_limits() -> None:
    options = ["--token-lifetime", "5m", "--allow-network", "10.0.0.0/8", "--rate", "100"]
    created = run("cc_client", "create", "Sync", "--scope", "orders:read", *options, "--json")

    shown = show(json.loads(created)["client_id"])
    assert (shown["token_lifetime"], shown["allowed_networks"]) == (300, ["10.0.0.0/8"])
    assert shown["rate"] == 100


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
