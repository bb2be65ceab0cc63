"""The audit trail is added to and read; no door of the ORM changes or removes an event."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, transaction

from django_cc.models import AuditEvent
from django_cc.models.audit_event import AppendOnlyError
from tests.audit_events import add_event
from tests.machines import Machine

pytestmark = pytest.mark.django_db

Door = Callable[[AuditEvent], Any]


def forged(event: AuditEvent, **more: Any) -> AuditEvent:
    """Return a new object that claims to be the stored event."""
    fields = {"event": "api_created", "actor_kind": "user", "actor": "mallory"}
    return AuditEvent(pk=event.pk, **fields, **more)


def change_and(event: AuditEvent, finish: Door) -> None:
    event.actor = "mallory"
    finish(event)


def load_fixture(event: AuditEvent) -> None:
    document = serializers.serialize("json", [forged(event)])
    for row in serializers.deserialize("json", document):
        row.save()


def pretend_to_be_new(event: AuditEvent) -> None:
    event._state.adding = True
    event.save()


rows = AuditEvent.objects
upsert = {"update_conflicts": True, "unique_fields": ["id"], "update_fields": ["actor"]}

CHANGES: dict[str, Door] = {
    "save": lambda event: change_and(event, lambda one: one.save()),
    "save of some fields": lambda event: change_and(
        event, lambda one: one.save(update_fields=["actor"])
    ),
    "save with another's key": lambda event: forged(event).save(),
    "save as if it were new": pretend_to_be_new,
    "save_base": lambda event: change_and(event, lambda one: one.save_base()),
    "save_base, raw": lambda event: change_and(event, lambda one: one.save_base(raw=True)),
    "a fixture": load_fixture,
    "update": lambda _event: rows.update(actor="mallory"),
    "update of a selection": lambda event: rows.filter(pk=event.pk).update(actor="mallory"),
    "bulk_update": lambda event: change_and(event, lambda one: rows.bulk_update([one], ["actor"])),
    "update_or_create": lambda event: rows.update_or_create(
        pk=event.pk, defaults={"actor": "mallory"}
    ),
    "upsert": lambda event: rows.bulk_create([forged(event)], **upsert),
    "upsert by place": lambda event: rows.bulk_create(
        [forged(event)], None, False, True, ["actor"], ["id"]
    ),
    "bulk_create": lambda event: rows.bulk_create([forged(event)]),
    "asave": lambda event: change_and(event, lambda one: async_to_sync(one.asave)()),
    "aupdate": lambda _event: async_to_sync(rows.all().aupdate)(actor="mallory"),
    "base manager": lambda _event: AuditEvent._base_manager.update(actor="mallory"),
    "default manager": lambda _event: AuditEvent._default_manager.all().update(actor="mallory"),
}

REMOVALS: dict[str, Door] = {
    "delete": lambda event: event.delete(),
    "delete of a selection": lambda _event: rows.all().delete(),
    "delete without signals": lambda _event: rows.all()._raw_delete("default"),
    "adelete": lambda event: async_to_sync(event.adelete)(),
    "adelete of a selection": lambda _event: async_to_sync(rows.all().adelete)(),
    "base manager": lambda _event: AuditEvent._base_manager.all().delete(),
    "default manager": lambda event: AuditEvent._default_manager.filter(pk=event.pk).delete(),
}


@pytest.mark.parametrize("door", CHANGES.values(), ids=CHANGES.keys())
def test_refuses_to_change_an_event(door: Door) -> None:
    event = add_event()
    before = rows.filter(pk=event.pk).values().get()

    with pytest.raises((AppendOnlyError, IntegrityError)), transaction.atomic():
        door(event)

    assert rows.filter(pk=event.pk).values().get() == before


@pytest.mark.parametrize("door", REMOVALS.values(), ids=REMOVALS.keys())
def test_refuses_to_remove_an_event(door: Door) -> None:
    event = add_event()

    with pytest.raises(AppendOnlyError):
        door(event)

    assert rows.filter(pk=event.pk).exists()


def test_can_be_added_to_in_every_way() -> None:
    fields: dict[str, Any] = {"event": "api_created", "actor_kind": "user", "actor": "ana"}
    AuditEvent(**fields).save()
    rows.create(**fields)
    rows.bulk_create([AuditEvent(**fields)])
    rows.get_or_create(actor="ben", defaults=fields | {"actor": "ben"})

    assert rows.filter(event="api_created").count() == 4


def test_a_backup_can_be_loaded_into_an_empty_trail() -> None:
    document = serializers.serialize("json", [AuditEvent(pk=10**6, event="api_created")])

    for row in serializers.deserialize("json", document):
        row.save()

    assert rows.filter(pk=10**6).exists()


def test_nothing_that_is_deleted_takes_events_along(machine: Machine) -> None:
    call_command("cc_client", "disable", machine.client_id)
    count = rows.filter(client_id=machine.client_id).count()

    call_command("cc_client", "delete", machine.client_id)

    assert rows.filter(client_id=machine.client_id).count() == count + 1
    assert not [field for field in AuditEvent._meta.get_fields() if field.is_relation]
