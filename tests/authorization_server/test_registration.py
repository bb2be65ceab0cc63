"""Registering a machine client: one function, all or nothing."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from oauth2_provider.models import get_application_model

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.registration import (
    AlreadyRegisteredError,
    Registration,
    register_client,
)
from django_cc.authorization_server.clients.secrets import default_expiry
from django_cc.models import APIAccess, AuditEvent, ClientSecret, MachineClient
from tests.machines import ACTOR, register

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("9700", "4.15", "Clients SHOULD NOT choose a client_id that could be a user's")
@pytest.mark.rfc("9068", "5", "Clients choose no client_id that could equal a subject")
def test_gives_ids_and_secrets_of_the_documented_form() -> None:
    machine = register()

    assert re.fullmatch(r"[a-z0-9]{24}", machine.client_id)
    assert re.fullmatch(r"dccs_[0-9A-Za-z]{49}", machine.client_secret)


@pytest.mark.rfc("6749", "10.10", "Guessing a secret MUST be as likely as 2^-128, SHOULD as 2^-160")
def test_gives_every_client_another_secret() -> None:
    secrets = {register(f"Client {number}").client_secret for number in range(20)}

    assert len(secrets) == 20


def test_stores_a_digest_and_the_visible_ends_alone() -> None:
    machine = register()

    row = ClientSecret.objects.get(client=machine.row)
    stored = " ".join(str(value) for value in vars(row).values())
    assert row.digest.startswith("sha256$")
    assert machine.client_secret not in stored
    assert str(row) == f"{machine.client_secret[:9]}…{machine.client_secret[-4:]}"


@pytest.mark.rfc("9700", "2.3", "Privileges SHOULD be restricted to the minimum required")
def test_grants_what_was_asked_for_and_nothing_else() -> None:
    machine = register(scopes=["orders:read"])

    held = APIAccess.objects.filter(client=machine.row).values_list("scope__name", flat=True)
    assert list(held) == ["orders:read"]


@pytest.mark.rfc("6749", "4.4", "The grant MUST only be used by confidential clients")
def test_makes_a_confidential_application_of_nobody() -> None:
    machine = register("Billing sync")

    application = get_application_model().objects.get(client_id=machine.client_id)
    assert (application.name, application.user, application.client_type) == (
        "Billing sync",
        None,
        "confidential",
    )


def test_records_who_registered_what() -> None:
    machine = register()

    event = AuditEvent.objects.get(event=AuditEvent.Event.CLIENT_REGISTERED)
    assert (event.client_id, event.actor, event.actor_kind) == (
        machine.client_id,
        "tests",
        "command",
    )


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "a\x07b"], ids=repr)
def test_refuses_a_name_it_cannot_show(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        register(name)

    assert "name" in refusal.value.message_dict
    assert not MachineClient.objects.exists()


@pytest.mark.parametrize("twin", ["Billing sync", "BILLING SYNC", " billing   sync "])
def test_refuses_a_second_client_of_that_name(twin: str) -> None:
    owner = get_user_model().objects.create_user("ana")
    register("Billing sync", owner=owner)

    with pytest.raises(ValidationError, match="already has a machine client"):
        register(twin, owner=owner)


def test_lets_two_owners_use_one_name() -> None:
    for username in ("ana", "ben"):
        register("Billing sync", owner=get_user_model().objects.create_user(username))

    assert MachineClient.objects.count() == 2


def test_refuses_a_second_ownerless_client_of_that_name() -> None:
    register("Billing sync")

    with pytest.raises(ValidationError, match="already a machine client"):
        register("Billing Sync")


def test_registers_one_submission_once() -> None:
    actor = Actor.for_user(get_user_model().objects.create_user("ana"), address=None)
    registration = Registration(
        name="Billing sync",
        scopes=[],
        registration_key=uuid.uuid4(),
        secret_expires_at=default_expiry(),
    )
    new = register_client(registration, actor)

    with pytest.raises(AlreadyRegisteredError) as repetition:
        register_client(registration, actor)

    assert repetition.value.client == new.client
    assert MachineClient.objects.count() == 1


def test_says_nothing_about_anothers_submission() -> None:
    ana, ben = (
        Actor.for_user(get_user_model().objects.create_user(name), address=None)
        for name in ("ana", "ben")
    )
    registration = Registration(
        name="Billing sync",
        scopes=[],
        registration_key=uuid.uuid4(),
        secret_expires_at=default_expiry(),
    )
    register_client(registration, ana)

    with pytest.raises(ValidationError, match="open it anew"):
        register_client(registration, ben)


def test_leaves_nothing_behind_when_it_fails() -> None:
    foreign = get_user_model()(pk=10**9, username="gone")

    def register_half() -> None:
        register_client(
            Registration(
                name="Half done", scopes=[], owner=foreign, secret_expires_at=default_expiry()
            ),
            ACTOR,
        )
        transaction.get_connection().check_constraints()

    with pytest.raises(IntegrityError):
        transaction.atomic(register_half)()

    assert not MachineClient.objects.exists()
    assert not get_application_model().objects.exists()
    assert not AuditEvent.objects.filter(event="client_registered").exists()


def test_keeps_the_client_when_its_owner_is_deleted() -> None:
    owner = get_user_model().objects.create_user("ana")
    machine = register(owner=owner)

    owner.delete()

    assert MachineClient.objects.get(pk=machine.row.pk).owner is None


def test_lets_two_owners_of_one_name_be_deleted() -> None:
    owners = [get_user_model().objects.create_user(name) for name in ("ana", "ben")]
    for owner in owners:
        register("Billing sync", owner=owner)

    for owner in owners:
        owner.delete()

    assert MachineClient.objects.filter(owner=None).count() == 2


BROKEN_ROWS: dict[str, dict[str, Any]] = {
    "empty name": {"name": ""},
    "generation 0": {"generation": 0},
}


@pytest.mark.parametrize("values", BROKEN_ROWS.values(), ids=BROKEN_ROWS.keys())
def test_has_the_database_refuse_what_python_would_not_write(values: dict[str, Any]) -> None:
    machine = register()

    with pytest.raises(IntegrityError), transaction.atomic():
        MachineClient.objects.filter(pk=machine.row.pk).update(**values)


def test_has_the_database_refuse_a_secret_that_is_no_digest() -> None:
    register()

    with pytest.raises(IntegrityError), transaction.atomic():
        ClientSecret.objects.update(digest="dccs_plain")


@pytest.mark.parametrize(
    "end", [None, timedelta(days=366), timedelta(days=-1)], ids=["never", "too late", "past"]
)
def test_gives_no_secret_a_longer_life_than_the_setting(end: timedelta | None, db: None) -> None:
    expires_at = None if end is None else timezone.now() + end
    registration = Registration(name="Billing sync", scopes=[], secret_expires_at=expires_at)

    with pytest.raises(ValidationError) as refusal:
        register_client(registration, ACTOR)

    assert "expires_at" in refusal.value.message_dict
    assert not MachineClient.objects.exists()
