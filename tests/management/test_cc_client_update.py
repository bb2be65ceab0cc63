"""`manage.py cc_client update`: changing what is said of a client."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management import CommandError, call_command
from oauth2_provider.models import get_application_model

from django_cc.models import AuditEvent, MachineClient, Revision
from tests.machines import Machine, TokenEndpoint, read_json, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("cc_client", *arguments, stdout=output)
    return output.getvalue()


def update(machine: Machine, *arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run("update", machine.client_id, *arguments, "--json"))
    return result


def show(machine: Machine) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run("show", machine.client_id, "--json"))
    return shown


def last_detail() -> str:
    event = AuditEvent.objects.filter(event="client_updated").first()
    assert event is not None
    return event.detail


@pytest.fixture
def ana(db: None) -> AbstractBaseUser:
    return get_user_model().objects.create_user("ana")


def test_changes_every_detail(machine: Machine, ana: AbstractBaseUser) -> None:
    result = update(
        machine,
        *("--name", " Billing   sync 2 ", "--description", "Ask ana.", "--owner", "ana"),
        *("--default-api", ORDERS_API, "--expires-at", "2099-01-31"),
    )

    fields = ["name", "description", "owner", "default_api", "expires_at"]
    assert result == {"client_id": machine.client_id, "version": 2, "changed": fields}
    shown = show(machine)
    assert [shown[field] for field in [*fields, "version"]] == [
        "Billing sync 2",
        "Ask ana.",
        "ana",
        ORDERS_API,
        "2099-01-31T00:00:00+00:00",
        2,
    ]


def test_leaves_alone_what_is_not_given(machine: Machine) -> None:
    before = show(machine)

    update(machine, "--description", "Ask ben.")

    assert show(machine) == before | {"description": "Ask ben.", "version": 2}


def test_empties_what_may_be_empty(machine: Machine, ana: AbstractBaseUser) -> None:
    update(machine, "--owner", "ana", "--default-api", ORDERS_API, "--expires-in", "90d")

    update(machine, "--no-owner", "--no-default-api", "--never-expires", "--description", "")

    shown = show(machine)
    assert [shown[field] for field in ("owner", "default_api", "expires_at")] == [None] * 3


def test_changes_the_name_of_the_application_too(machine: Machine) -> None:
    update(machine, "--name", "Invoices")

    assert get_application_model().objects.get(client_id=machine.client_id).name == "Invoices"


def test_says_so_and_writes_nothing_where_nothing_differs(machine: Machine) -> None:
    before = Revision.objects.get().number

    result = update(machine, "--name", " Billing  sync", "--no-owner")
    printed = run("update", machine.client_id)

    assert (result["changed"], result["version"]) == ([], 1)
    assert printed == "Nothing to change: still at version 1.\n"
    assert not AuditEvent.objects.filter(event="client_updated").exists()
    assert Revision.objects.get().number == before


def test_says_in_words_what_it_changed(machine: Machine) -> None:
    printed = run("update", machine.client_id, "--name", "Invoices", "--expires-in", "90d")

    assert printed == "Changed name, expires_at: now at version 2.\n"


def test_takes_effect_on_the_next_token(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read", "billing:read"])
    before = token_endpoint.post(authorization=machine.basic())

    update(machine, "--default-api", BILLING_API)

    assert read_json(before)["error"] == "invalid_scope"
    assert token_endpoint.issue(machine)["scope"] == "billing:read"


def test_counts_the_end_from_now(machine: Machine) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        update(machine, "--expires-in", "36h")

    row = MachineClient.objects.get()
    assert row.expires_at == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"), [("2099-01-31T18:00", 18), ("2099-01-31T18:00+01:00", 17)]
)
def test_reads_times_without_a_zone_as_it_prints_them(
    machine: Machine, text: str, hour: int
) -> None:
    update(machine, "--expires-at", text)

    assert show(machine)["expires_at"] == f"2099-01-31T{hour}:00:00+00:00"


@pytest.mark.parametrize("text", ["tomorrow", "2099-13-01", "9999-12-31T23:59-05:00"])
def test_explains_what_a_time_looks_like(machine: Machine, text: str) -> None:
    with pytest.raises(CommandError, match="is no time: write 2027-01-31"):
        update(machine, "--expires-at", text)


WRONG: dict[str, tuple[list[str], str]] = {
    "no name": (["--name", "  "], "Give the client a name"),
    "a long name": (["--name", "x" * 81], "at most 80 printable characters"),
    "a taken name": (["--name", "OTHER"], "already a machine client named “OTHER”"),
    "an unknown owner": (["--owner", "nobody"], "There is no user “nobody”"),
    "an unknown API": (["--default-api", "https://none.example.com"], "There is no API"),
    "an API it may not call": (["--default-api", BILLING_API], "must offer one of the client's"),
    "an end that has passed": (["--expires-at", "2020-01-01"], "must be in the future"),
    "an end at once": (["--expires-in", "0"], "to stop a client now, disable it"),
    "two owners": (["--owner", "ana", "--no-owner"], "not allowed with"),
    "two ends": (["--never-expires", "--expires-in", "1d"], "not allowed with"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_refuses_what_a_registration_would(
    machine: Machine, arguments: list[str], message: str
) -> None:
    register("Other")

    with pytest.raises(CommandError, match=message):
        update(machine, "--description", "Changed.", *arguments)

    assert show(machine)["description"] == ""


def test_refuses_an_owner_who_has_a_client_of_that_name(
    machine: Machine, ana: AbstractBaseUser
) -> None:
    register("billing SYNC", owner=ana)

    with pytest.raises(CommandError, match="“ana” already has a machine client named"):
        update(machine, "--owner", "ana")


def test_lets_the_case_of_a_name_be_changed(machine: Machine) -> None:
    update(machine, "--name", "BILLING sync")

    assert show(machine)["name"] == "BILLING sync"


def test_edits_one_of_two_clients_whose_owners_left(machine: Machine) -> None:
    ben = get_user_model().objects.create_user("ben")
    twin = register("Billing sync", owner=ben)
    ben.delete()

    assert update(twin, "--description", "Was ben's.")["changed"] == ["description"]


def test_records_what_was_changed(machine: Machine, ana: AbstractBaseUser) -> None:
    long = "First line.\nAsk ana."

    update(machine, "--name", "Invoices", "--owner", "ana", "--description", long)

    assert last_detail() == "name: Billing sync → Invoices; description; owner: - → ana"


def test_records_every_field_however_long_the_values_are() -> None:
    owner = get_user_model().objects.create_user("o" * 150)
    machine = register("a" * 80, owner=owner)

    update(
        machine,
        *("--name", "b" * 80, "--no-owner", "--default-api", ORDERS_API),
        *("--expires-at", "2099-01-31"),
    )

    detail = last_detail()
    assert len(detail) <= 255
    assert "owner" in detail
    assert "expires_at: - → 2099-01-31T00:00:00+00:00" in detail


def test_tells_the_second_operator_who_was_first(machine: Machine) -> None:
    update(machine, "--name", "Invoices", "--if-version", "1")

    with pytest.raises(CommandError) as refusal:
        update(machine, "--name", "Bills", "--if-version", "1")

    text = str(refusal.value)
    assert "“Invoices” was changed by somebody else since you read it (version 1, now 2)" in text
    assert "Last changed by cc_client update (" in text
    assert "name: Billing sync → Invoices" in text
    assert show(machine)["name"] == "Invoices"


def test_tells_it_without_a_name_where_the_trail_has_none(machine: Machine) -> None:
    MachineClient.objects.update(version=2)

    with pytest.raises(CommandError, match=r"now 2\): look at it again\.$"):
        update(machine, "--name", "Bills", "--if-version", "1")


def test_knows_no_version_to_come(machine: Machine) -> None:
    with pytest.raises(CommandError, match="has no version 7 yet: it is at 1"):
        update(machine, "--name", "Bills", "--if-version", "7")


def test_says_that_a_client_is_unknown() -> None:
    with pytest.raises(CommandError, match="no machine client with the client ID “nobody”"):
        run("update", "nobody", "--name", "Bills")


def test_registers_with_an_owner_and_an_end(ana: AbstractBaseUser) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        run("create", "Trial", "--scope", "orders:read", "--owner", "ana", "--expires-in", "30d")

    row = MachineClient.objects.get()
    assert row.owner == ana
    assert row.expires_at == datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(days=30)


def test_registers_nothing_for_an_unknown_owner() -> None:
    with pytest.raises(CommandError, match="There is no user “nobody”"):
        run("create", "Trial", "--scope", "orders:read", "--owner", "nobody")

    assert not MachineClient.objects.exists()


def test_lists_an_expired_client_as_such(machine: Machine) -> None:
    update(machine, "--expires-in", "1d")

    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert "  expired  " in run("list")
