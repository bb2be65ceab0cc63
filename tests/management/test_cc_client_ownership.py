"""`manage.py cc_client`: who manages a client, and who makes its first secret."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from django_cc.models import MachineClient
from tests.machines import Machine, TokenEndpoint, call

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def test_registers_without_a_secret_for_whoever_makes_it_later(
    token_endpoint: TokenEndpoint,
) -> None:
    printed = run("cc_client", "create", "Nightly", "--scope", "orders:read", "--no-secret")

    client = MachineClient.objects.get()
    assert "dccs_" not in printed
    assert "cc_secret create" in printed
    shown = json.loads(run("cc_client", "show", client.client_id, "--json"))
    assert shown["status"] == "awaiting_credentials"
    made = json.loads(run("cc_secret", "create", client.client_id, "--json"))
    machine = Machine(client, client.client_id, made["client_secret"])
    assert call(token=token_endpoint.access_token(machine)).status_code == 200


def test_names_the_group_that_manages_a_client() -> None:
    Group.objects.create(name="Night shift")

    run("cc_client", "create", "Nightly", "--scope", "orders:read", "--group", "Night shift")

    client_id = MachineClient.objects.get().client_id
    assert json.loads(run("cc_client", "show", client_id, "--json"))["owning_group"] == (
        "Night shift"
    )
    run("cc_client", "update", client_id, "--no-group")
    assert MachineClient.objects.get().owning_group is None


def test_refuses_a_group_that_is_not_there(machine: Machine) -> None:
    with pytest.raises(CommandError, match="There is no group “Night shift”"):
        run("cc_client", "update", machine.client_id, "--group", "Night shift")


def test_tells_where_a_client_came_from(machine: Machine) -> None:
    assert json.loads(run("cc_client", "show", machine.client_id, "--json"))["managed_by"] == (
        "command"
    )


def test_registers_without_access_for_one_that_only_introspects() -> None:
    run("cc_client", "create", "Reports API", "--without-access")

    assert not MachineClient.objects.get().access.exists()


@pytest.mark.parametrize("arguments", [[], ["--scope", "orders:read", "--without-access"]], ids=str)
def test_says_that_it_is_one_or_the_other(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="either --scope with what it may do, or --without"):
        run("cc_client", "create", "Reports API", *arguments)

    assert not MachineClient.objects.exists()
