"""Two operators at once: one wins, the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from django_cc.authorization_server.apis.api_editing import create_api, delete_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.secrets import (
    default_expiry,
    find_secret,
    rotate_secret,
    update_secret,
)
from django_cc.authorization_server.clients.versions import VERSION_CONFLICT
from django_cc.models import API, AuditEvent, MachineClient
from tests.machines import ACTOR, register

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.two_connections]


def do_at_once(*acts: Callable[[], Any]) -> list[ValidationError]:
    """Do all at the same time; return the refusals."""
    together = Barrier(len(acts))

    def do(act: Callable[[], Any]) -> ValidationError | None:
        try:
            connection.ensure_connection()
            together.wait(timeout=10)
            act()
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(max_workers=len(acts)) as executor:
        return [refusal for refusal in executor.map(do, acts) if refusal is not None]


def test_the_second_of_two_edits_of_one_version_is_told() -> None:
    row = register().row

    def edit(name: str) -> Callable[[], Any]:
        return lambda: update_client(row, Changes(name=name), ACTOR, expected_version=1)

    [refusal] = do_at_once(edit("Ana's"), edit("Ben's"))

    assert refusal.code == VERSION_CONFLICT
    client = MachineClient.objects.get()
    assert client.version == 2
    [event] = AuditEvent.objects.filter(event="client_updated")
    assert event.client_name == client.name
    assert f"“{client.name}” was changed by somebody else" in refusal.message


def test_both_edits_are_kept_where_no_version_is_expected() -> None:
    row = register().row

    refusals = do_at_once(
        lambda: update_client(row, Changes(name="Invoices"), ACTOR),
        lambda: update_client(row, Changes(description="Ask ana."), ACTOR),
    )

    client = MachineClient.objects.get()
    assert refusals == []
    assert (client.name, client.description, client.version) == ("Invoices", "Ask ana.", 3)


def test_two_clients_do_not_get_one_name() -> None:
    rows = [register(name).row for name in ("One", "Two")]

    def rename(row: MachineClient, name: str) -> Callable[[], Any]:
        return lambda: update_client(row, Changes(name=name), ACTOR)

    [refusal] = do_at_once(rename(rows[0], "The name"), rename(rows[1], "the NAME"))

    assert "name" in refusal.message_dict
    assert MachineClient.objects.filter(name__iexact="the name").count() == 1


def test_no_client_is_given_a_scope_that_is_being_deleted() -> None:
    row, api = register().row, create_api("https://stock.example.com", ACTOR)
    scope = create_scope(api, "stock:read", ACTOR)

    [refusal] = do_at_once(
        lambda: grant_access(row, [scope], ACTOR), lambda: delete_api(api, ACTOR)
    )

    held = row.access.filter(scope__name="stock:read").exists()
    assert held == API.objects.filter(pk=api.pk).exists()
    assert ("uses the API" if held else "Deleted meanwhile") in " ".join(refusal.messages)


def test_one_identifier_is_given_once() -> None:
    [refusal] = do_at_once(*[lambda: create_api("https://stock.example.com", ACTOR)] * 2)

    assert "identifier" in refusal.message_dict
    assert API.objects.filter(identifier="https://stock.example.com").count() == 1


def test_the_second_of_two_rotations_of_one_secret_is_told() -> None:
    machine = register()
    secret = find_secret(machine.row, None)

    def rotate() -> object:
        return rotate_secret(secret, ACTOR, overlap=timedelta(hours=1), expires_at=default_expiry())

    [refusal] = do_at_once(rotate, rotate)

    assert "changed by somebody else meanwhile" in refusal.message_dict["secret"][0]
    assert machine.row.secrets.count() == 2
    assert AuditEvent.objects.filter(event="secret_rotated").count() == 1


def test_a_note_does_not_undo_an_end_that_was_set_meanwhile() -> None:
    machine = register()
    secret, soon = find_secret(machine.row, None), timezone.now() + timedelta(days=1)

    refusals = do_at_once(
        lambda: update_secret(secret, ACTOR, note="vault", expires_at=secret.expires_at),
        lambda: update_secret(secret, ACTOR, note="", expires_at=soon),
    )

    kept = machine.row.secrets.get()
    assert len(refusals) == 1
    assert (kept.note, kept.expires_at) in {("vault", secret.expires_at), ("", soon)}
