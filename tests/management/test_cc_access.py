"""`manage.py cc_access` and `manage.py cc_token`: what a client holds, and killing its tokens."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.models import API, AuditEvent, MachineClient, Scope
from tests.jwts import read_claims
from tests.machines import Machine, TokenEndpoint, call, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = pytest.mark.django_db


def run(command: str, action: str, machine: Machine, *arguments: str) -> str:
    output = StringIO()
    call_command(command, action, machine.client_id, *arguments, stdout=output)
    return output.getvalue()


def access(action: str, machine: Machine, *arguments: str) -> Any:
    return json.loads(run("cc_access", action, machine, *arguments, "--json"))


def test_grants_more(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read"])

    held = access("grant", machine, "--scope", "orders:write billing:read")

    assert held == {BILLING_API: ["billing:read"], ORDERS_API: ["orders:read", "orders:write"]}
    assert token_endpoint.issue(machine, scope="orders:write")["scope"] == "orders:write"


def test_leaves_tokens_alone_when_it_grants(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read"])
    token = token_endpoint.access_token(machine)

    access("grant", machine, "--scope", "orders:write")

    assert call(token=token).status_code == 200


def test_records_what_it_grants_once(machine: Machine) -> None:
    for _number in range(2):
        access("grant", machine, "--scope", "billing:read orders:read")

    [event] = AuditEvent.objects.filter(event="access_granted")
    assert event.detail == "+ billing:read"


def test_takes_scopes_away_and_kills_every_token(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine, scope="orders:read")

    held = access("revoke", machine, "--scope", "orders:write")

    assert held == {ORDERS_API: ["orders:read"]}
    assert call(token=token).status_code == 401
    assert call(token=token_endpoint.access_token(machine)).status_code == 200


def test_forgets_the_default_api_with_its_last_scope() -> None:
    billing = API.objects.get(identifier=BILLING_API)
    machine = register(scopes=["orders:read", "billing:read"], default_api=billing)

    access("revoke", machine, "--scope", "billing:read")

    assert MachineClient.objects.get(pk=machine.row.pk).default_api is None


@pytest.mark.parametrize("action", ["grant", "revoke"])
def test_refuses_scopes_that_are_not_there(machine: Machine, action: str) -> None:
    with pytest.raises(CommandError, match="unknown"):
        access(action, machine, "--scope", "orders:read unknown")

    assert machine.row.access.count() == 2


def test_asks_which_api_is_meant_when_it_takes_away(machine: Machine) -> None:
    Scope.objects.create(api=API.objects.get(identifier=ORDERS_API), name="shared:read")
    both = register("Both", scopes=["billing:read"])
    access("grant", both, "--scope", "shared:read", "--api", ORDERS_API)
    access("grant", both, "--scope", "shared:read", "--api", BILLING_API)

    with pytest.raises(CommandError, match="at several APIs"):
        access("revoke", both, "--scope", "shared:read")

    assert access("revoke", both, "--scope", "shared:read", "--api", ORDERS_API) == {
        BILLING_API: ["billing:read", "shared:read"]
    }


def test_lists_for_people(machine: Machine) -> None:
    assert run("cc_access", "list", machine) == f"{ORDERS_API}  orders:read orders:write\n"
    machine.row.access.all().delete()
    assert "cc_access grant" in run("cc_access", "list", machine)


def test_revokes_every_token_and_lets_new_ones_be_had(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)

    printed = run("cc_token", "revoke", machine, "--reason", "laptop stolen")

    assert "All tokens" in printed
    assert call(token=token).status_code == 401
    assert call(token=token_endpoint.access_token(machine)).status_code == 200
    assert AuditEvent.objects.get(event="tokens_revoked").reason == "laptop stolen"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("cc_token", ["revoke"]), ("cc_access", ["list"]), ("cc_client", ["show"])],
)
def test_says_that_a_client_is_unknown(command: str, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="no machine client"):
        call_command(command, *arguments, "nobody")


def test_refuses_a_reason_it_cannot_store(machine: Machine) -> None:
    with pytest.raises(CommandError, match="printable characters"):
        run("cc_token", "revoke", machine, "--reason", "x" * 256)

    assert MachineClient.objects.get().generation == 1


def test_revokes_one_token_by_its_id(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    dead, living = (token_endpoint.access_token(machine) for _ in range(2))
    token_id = read_claims(dead)["jti"]

    printed = run("cc_token", "revoke", machine, "--jti", token_id, "--reason", "leak", "--json")

    assert json.loads(printed) == {
        "client_id": machine.client_id,
        "revoked": token_id,
        "dead_here_within": 5,
        "dead_everywhere_within": 605,
    }
    assert [call(token=token).status_code for token in (dead, living)] == [401, 200]
    event = AuditEvent.objects.get(event="token_revoked")
    assert (event.detail, event.reason, event.client_id) == (token_id, "leak", machine.client_id)


def test_says_in_words_that_one_token_is_revoked(machine: Machine) -> None:
    assert "One token of" in run("cc_token", "revoke", machine, "--jti", "some-id")


def test_takes_no_whole_token_for_an_id(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    token = token_endpoint.access_token(machine)

    with pytest.raises(CommandError, match="its claim jti"):
        run("cc_token", "revoke", machine, "--jti", token)


def test_warns_of_several_apis_without_a_default(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    run("cc_access", "grant", machine, "--scope", "billing:read")

    assert "cc_client update --default-api" in capsys.readouterr().err
