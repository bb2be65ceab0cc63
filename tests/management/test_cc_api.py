"""`manage.py cc_api`: creating, changing, deleting and listing APIs."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from django_cc.authorization_server.apis.api_editing import delete_api, update_api
from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.models import API, AuditEvent, MachineClient, Revision, Scope
from tests.machines import ACTOR, TokenEndpoint, read_json, register
from tests.projects.combined import BILLING_API, ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

STOCK = "https://stock.example.com"


def run(command: str, *arguments: str) -> str:
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def api(*arguments: str) -> Any:
    return json.loads(run("cc_api", *arguments, "--json"))


@pytest.fixture
def stock(db: None) -> API:
    """An API that is not from configuration, with one scope."""
    api("create", STOCK, "--name", "Stock")
    run("cc_scope", "create", "stock:read", "--api", STOCK)
    return find_api(STOCK)


def test_creates_an_api_whose_scopes_can_be_used(token_endpoint: TokenEndpoint, stock: API) -> None:
    machine = register(scopes=["stock:read"])

    issued = token_endpoint.issue(machine, resource=STOCK)

    assert issued["scope"] == "stock:read"


def test_tells_every_process_of_a_new_api(stock: API) -> None:
    assert get_snapshot_for_issuing().scopes_by_api[STOCK] == {"stock:read"}


def test_names_an_api_by_its_identifier_where_no_name_is_given() -> None:
    api("create", STOCK)

    assert find_api(STOCK).name == STOCK


WRONG: dict[str, tuple[list[str], str]] = {
    "no URI": (["stock"], "identifier: Use an absolute URI"),
    "a fragment": ([f"{STOCK}#top"], "identifier: Use an absolute URI"),
    "a blank": ([f"{STOCK} "], "identifier: Use an absolute URI"),
    "a long URI": ([f"{STOCK}/{'x' * 255}"], "identifier: Use at most 255 characters"),
    "the issuer": ([ISSUER], "identifier: This is the issuer itself"),
    "a taken one": ([ORDERS_API], "identifier: There is already an API"),
    "a long name": ([STOCK, "--name", "x" * 256], "name: Use at most 255 printable"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_creates_nothing_of_what_tokens_could_not_carry(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        api("create", *arguments)

    assert API.objects.filter(built_in=False).count() == 2


def test_changes_a_name_once(stock: API) -> None:
    changed = [api("update", STOCK, "--name", "Warehouse")["changed"] for _ in range(2)]

    assert changed == [True, False]
    assert find_api(STOCK).name == "Warehouse"
    [event] = AuditEvent.objects.filter(event="api_updated")
    assert event.detail == f"{STOCK}  name: Stock → Warehouse"


@pytest.mark.parametrize("name", ["", "  ", "a\x07b"], ids=repr)
def test_refuses_a_name_it_cannot_show(stock: API, name: str) -> None:
    with pytest.raises(CommandError, match=r"^name: "):
        api("update", STOCK, "--name", name)


def test_uses_up_no_revision_where_nothing_differs(stock: API) -> None:
    before = Revision.objects.get().number

    api("update", STOCK, "--name", "Stock")

    assert Revision.objects.get().number == before


def test_deletes_an_unused_api_with_its_scopes(stock: API) -> None:
    api("delete", STOCK)

    assert not API.objects.filter(identifier=STOCK).exists()
    assert not Scope.objects.filter(name="stock:read").exists()
    assert STOCK not in get_snapshot_for_issuing().scopes_by_api


def test_records_who_created_and_deleted_what(stock: API) -> None:
    api("delete", STOCK)

    events = AuditEvent.objects.filter(event__in=["api_created", "api_deleted"])
    assert {event.detail for event in events} == {STOCK}
    assert all(event.actor.startswith("cc_api ") for event in events)


def test_deletes_no_api_that_clients_use(stock: API) -> None:
    machines = [register(f"Client {number}", ["stock:read"]) for number in range(6)]

    with pytest.raises(CommandError, match="6 machine clients use the API") as refusal:
        api("delete", STOCK)

    assert machines[0].client_id in str(refusal.value)
    assert machines[5].client_id not in str(refusal.value)
    assert "cc_access revoke" in str(refusal.value)
    assert find_api(STOCK) == stock


def test_leaves_no_client_with_a_deleted_api_as_default(
    token_endpoint: TokenEndpoint, stock: API
) -> None:
    machine = register(scopes=["orders:read", "stock:read"], default_api=stock)
    with pytest.raises(CommandError, match="1 machine client uses the API"):
        api("delete", STOCK)

    run("cc_access", "revoke", machine.client_id, "--scope", "stock:read")
    api("delete", STOCK)

    assert MachineClient.objects.get().default_api is None
    assert token_endpoint.issue(machine)["scope"] == "orders:read"


def test_deletes_no_api_that_is_a_default_by_other_means(stock: API) -> None:
    register()
    MachineClient.objects.update(default_api=stock)

    with pytest.raises(CommandError, match="cc_client update --no-default-api"):
        api("delete", STOCK)


@pytest.mark.parametrize("arguments", [["update", "--name", "Bills"], ["delete"]], ids=str)
def test_leaves_what_is_from_configuration_to_the_settings(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r'change DJANGO_CC\["APIS"\] and run “migrate”'):
        api(arguments[0], BILLING_API, *arguments[1:])


def test_deletes_an_api_that_dropped_out_of_configuration_once_nobody_uses_it(
    token_endpoint: TokenEndpoint,
) -> None:
    machine = register(scopes=["orders:read", "billing:read"])
    API.objects.filter(identifier=BILLING_API).update(from_configuration=False)
    with pytest.raises(CommandError, match="uses the API"):
        api("delete", BILLING_API)

    run("cc_access", "revoke", machine.client_id, "--scope", "billing:read")
    api("delete", BILLING_API)

    answer = token_endpoint.post(
        f"grant_type=client_credentials&resource={BILLING_API}", authorization=machine.basic()
    )
    assert read_json(answer)["error"] == "invalid_target"


@pytest.mark.parametrize("arguments", [["update", "--name", "Stock"], ["delete"]], ids=str)
def test_says_that_an_api_is_unknown(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no API “https:"):
        api(arguments[0], STOCK, *arguments[1:])


def test_tells_the_second_of_two_that_the_api_is_gone(stock: API) -> None:
    delete_api(find_api(STOCK), ACTOR)

    with pytest.raises(ValidationError, match="has been deleted"):
        update_api(stock, ACTOR, name="Warehouse")
    with pytest.raises(ValidationError, match="has been deleted"):
        delete_api(stock, ACTOR)


def test_lists_apis_with_their_use(stock: API) -> None:
    register(scopes=["stock:read"])
    register("Both", scopes=["orders:read", "orders:write", "stock:read"])

    listed = {entry["identifier"]: entry for entry in api("list")}

    assert listed[STOCK] == {
        "identifier": STOCK,
        "name": "Stock",
        "scopes": ["stock:read"],
        "clients": 2,
        "token_lifetime": None,
        "from_configuration": False,
        "built_in": False,
        "introspectors": [],
    }
    assert listed[ISSUER]["built_in"]
    assert listed[ORDERS_API]["clients"] == 1
    assert listed[ORDERS_API]["from_configuration"]


def test_lists_and_answers_in_words(stock: API) -> None:
    listed = run("cc_api", "list")

    assert f"{STOCK}  Stock  0 using it\n    stock:read\n" in listed
    assert f"{ORDERS_API}  Orders  0 using it  from configuration" in listed
    assert run("cc_api", "delete", STOCK) == f"The API {STOCK} is deleted.\n"


def test_allows_and_denies_introspection(stock: API) -> None:
    gateway = register("Gateway", []).client_id

    answers = [
        api(action, STOCK, gateway)["changed"]
        for action in ("allow-introspection", "allow-introspection")
    ]
    listed = run("cc_api", "list")
    answers += [
        api(action, STOCK, gateway)["changed"]
        for action in ("deny-introspection", "deny-introspection")
    ]

    assert answers == [True, False, True, False]
    assert f"introspected by {gateway}" in listed
    assert gateway not in run("cc_api", "list")


def test_lets_nobody_introspect_for_the_server_itself() -> None:
    with pytest.raises(CommandError, match="nobody else checks its tokens"):
        api("allow-introspection", ISSUER, register().client_id)


def test_deletes_no_api_that_a_client_introspects_for(stock: API) -> None:
    api("allow-introspection", STOCK, register("Gateway", []).client_id)

    with pytest.raises(CommandError, match="cc_api deny-introspection"):
        api("delete", STOCK)


def test_says_what_to_do_where_there_is_no_api() -> None:
    API.objects.all().delete()

    assert "cc_api create" in run("cc_api", "list")
