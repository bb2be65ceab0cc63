"""`manage.py cc_scope`: creating, changing, deleting and listing scopes."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.apis.scope_editing import delete_scope, find_scope, update_scope
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.registration import Registration, register_client
from django_cc.authorization_server.clients.secrets import default_expiry
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.models import API, AuditEvent, MachineClient, Scope
from tests.machines import ACTOR, Machine, register
from tests.projects import combined
from tests.projects.combined import ORDERS_API

pytestmark = pytest.mark.django_db

STOCK = "https://stock.example.com"


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_scope", *arguments, stdout=output)
    return output.getvalue()


def scope(*arguments: str, api: str = STOCK) -> Any:
    return json.loads(run(*arguments, "--api", api, "--json"))


@pytest.fixture(autouse=True)
def stock(db: None) -> API:
    """An API that is not from configuration, with one scope."""
    call_command("cc_api", "create", STOCK, "--name", "Stock", stdout=StringIO())
    scope("create", "stock:read", "--description", "See stock")
    return find_api(STOCK)


def test_creates_and_describes() -> None:
    [created] = scope("list")

    assert created == {
        "api": STOCK,
        "name": "stock:read",
        "description": "See stock",
        "restricted": False,
        "clients": 0,
        "from_configuration": False,
    }


def test_offers_a_name_that_another_api_offers_too() -> None:
    scope("create", "orders:read")

    assert Scope.objects.filter(name="orders:read").count() == 2


WRONG: dict[str, tuple[list[str], str]] = {
    "two words": (["stock read"], "name: Use printable ASCII without spaces"),
    "a quote": (['stock"read'], "name: Use printable ASCII without spaces"),
    "no ASCII": (["stöck"], "name: Use printable ASCII without spaces"),
    "nothing": ([""], "name: Use printable ASCII without spaces"),
    "a long name": (["x" * 256], "name: Use at most 255 characters"),
    "a taken name": (["stock:read"], "name: The API “https://stock.example.com” offers"),
    "a long description": (["a", "--description", "x" * 256], "description: Use at most 255"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_creates_nothing_of_what_tokens_could_not_carry(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        scope("create", *arguments)

    assert len(scope("list")) == 1


def test_changes_a_description_once() -> None:
    description = ["--description", "See what is in stock"]

    changed = [scope("update", "stock:read", *description)["changed"] for _ in range(2)]

    assert changed == [True, False]
    assert scope("list")[0]["description"] == "See what is in stock"
    [event] = AuditEvent.objects.filter(event="scope_updated")
    assert event.detail == f"stock:read at {STOCK}  description: See what is in stock"


def test_deletes_a_scope_that_no_client_holds() -> None:
    scope("delete", "stock:read")

    assert scope("list") == []
    assert get_snapshot_for_issuing().scopes_by_api[STOCK] == frozenset()
    assert AuditEvent.objects.get(event="scope_deleted").detail == f"stock:read at {STOCK}"


def test_deletes_no_scope_that_clients_hold() -> None:
    machine = register(scopes=["stock:read"])

    with pytest.raises(CommandError, match="1 machine client holds the scope “stock:read”") as told:
        scope("delete", "stock:read")

    assert machine.client_id in str(told.value)
    assert "cc_access revoke" in str(told.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "orders:delete"],
        ["update", "orders:read", "--description", "Other"],
        ["delete", "orders:read"],
    ],
    ids=str,
)
def test_leaves_what_is_from_configuration_to_the_settings(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r'change DJANGO_CC\["APIS"\] and run “migrate”'):
        scope(*arguments, api=ORDERS_API)

    assert Scope.objects.filter(api__identifier=ORDERS_API).count() == 2


def test_deletes_a_scope_that_dropped_out_of_configuration() -> None:
    apis = {ORDERS_API: {"name": "Orders", "scopes": {"orders:read": "See orders"}}}

    with override_settings(DJANGO_CC=combined.DJANGO_CC | {"APIS": apis}):
        listed = {row["name"]: row["from_configuration"] for row in scope("list", api=ORDERS_API)}
        scope("delete", "orders:write", api=ORDERS_API)

    assert listed == {"orders:read": True, "orders:write": False}
    assert list(find_api(ORDERS_API).scopes.values_list("name", flat=True)) == ["orders:read"]


def test_keeps_the_scopes_of_a_configured_api_that_these_settings_do_not_name() -> None:
    with (
        override_settings(DJANGO_CC=combined.DJANGO_CC | {"APIS": {}}),
        pytest.raises(CommandError, match="is from configuration"),
    ):
        scope("delete", "orders:write", api=ORDERS_API)


@pytest.mark.parametrize("arguments", [["update", "--description", ""], ["delete"]], ids=str)
def test_says_which_scopes_there_are(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"“stock:write”\. There are: stock:read"):
        scope(arguments[0], "stock:write", *arguments[1:])


def test_says_that_an_api_is_unknown() -> None:
    with pytest.raises(CommandError, match="There is no API “https:"):
        scope("create", "stock:write", api="https://none.example.com")


def test_asks_for_the_api() -> None:
    with pytest.raises(CommandError, match="--api"):
        run("delete", "stock:read")


def test_tells_the_second_of_two_that_the_scope_is_gone(stock: API) -> None:
    row = find_scope(stock, "stock:read")
    delete_scope(find_scope(stock, "stock:read"), ACTOR)

    with pytest.raises(ValidationError, match="“stock:read” has been deleted"):
        update_scope(row, ACTOR, description="Other")
    with pytest.raises(ValidationError, match="“stock:read” has been deleted"):
        delete_scope(row, ACTOR)


def test_gives_nobody_a_scope_that_was_deleted_meanwhile(stock: API, machine: Machine) -> None:
    row = find_scope(stock, "stock:read")
    scope("delete", "stock:read")

    with pytest.raises(ValidationError, match="Deleted meanwhile: stock:read"):
        grant_access(machine.row, [row], ACTOR)
    with pytest.raises(ValidationError, match="Deleted meanwhile: stock:read"):
        register_client(
            Registration(name="Late", scopes=[row], secret_expires_at=default_expiry()), ACTOR
        )

    assert MachineClient.objects.count() == 1


def test_lists_and_answers_in_words() -> None:
    assert f"{STOCK}  stock:read  0 holding it  See stock\n" in run("list")
    assert f"{ORDERS_API}  orders:read  0 holding it  See orders\n" in run("list")
    told = run("update", "stock:read", "--api", STOCK, "--description", "Other")
    assert told == f"The scope stock:read at {STOCK} is updated.\n"


def test_says_what_to_do_where_there_is_no_scope() -> None:
    Scope.objects.all().delete()

    assert "cc_scope create" in run("list")


def test_restricts_a_scope_and_opens_it_again() -> None:
    scope("create", "stock:write", "--restricted")

    assert [one["restricted"] for one in scope("list")] == [False, True]

    scope("update", "stock:write", "--no-restricted")

    assert [one["restricted"] for one in scope("list")] == [False, False]


def test_an_update_without_a_change_says_what_can_be_changed() -> None:
    with pytest.raises(CommandError, match="--description, --restricted, --no-restricted"):
        scope("update", "stock:read")


def test_whoever_runs_commands_gives_restricted_scopes(machine: Machine) -> None:
    scope("create", "stock:write", "--restricted")

    grant_access(machine.row, [find_scope(find_api(STOCK), "stock:write")], ACTOR)

    assert machine.row.access.filter(scope__name="stock:write").exists()
