"""Who hears of an audit event: the trail, the log and AUDIT_SINK, on commit."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from django_cc.authorization_server.audit.trail import Actor, describe, record
from django_cc.authorization_server.clients.state import (
    disable_client,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.models import AuditEvent, MachineClient
from tests.machines import ACTOR, Machine

pytestmark = pytest.mark.django_db

heard: list[dict[str, Any]] = []
Captured = Callable[..., Any]


def sink(fields: dict[str, Any]) -> None:
    """Stand for a project's AUDIT_SINK."""
    heard.append(fields)


def broken_sink(_fields: dict[str, Any]) -> None:
    raise RuntimeError("the archive is away")


not_callable = "a text"


@pytest.fixture
def set_sink(settings: Any) -> Iterator[Callable[[str], None]]:
    """Return a function that names something of this module as AUDIT_SINK."""

    def set_it(name: str) -> None:
        settings.DJANGO_CC = {**settings.DJANGO_CC, "AUDIT_SINK": f"{__name__}.{name}"}

    yield set_it
    heard.clear()


def disable(machine: Machine) -> None:
    disable_client(machine.row, Actor.for_command("cc_client disable"), reason="leak")


FIELDS = {
    "time",
    "event",
    "result",
    "actor_kind",
    "actor",
    "client_id",
    "client_name",
    "reason",
    "detail",
    "address",
    "reference",
}


def test_the_sink_is_called_once_with_each_event(
    machine: Machine, set_sink: Any, django_capture_on_commit_callbacks: Captured
) -> None:
    set_sink("sink")

    with django_capture_on_commit_callbacks(execute=True):
        disable(machine)

    [fields] = heard
    assert fields.keys() == FIELDS
    assert fields["event"] == "client_disabled"
    assert fields["client_id"] == machine.client_id
    assert fields["client_name"] == machine.row.name
    assert (fields["actor_kind"], fields["actor"]) == ("command", "cc_client disable")
    assert (fields["result"], fields["reason"]) == ("done", "leak")


def test_the_sink_hears_nothing_before_the_commit(
    machine: Machine, set_sink: Any, django_capture_on_commit_callbacks: Captured
) -> None:
    set_sink("sink")

    with django_capture_on_commit_callbacks(execute=True):
        disable(machine)
        assert heard == []


def disable_and_undo(machine: Machine) -> None:
    with transaction.atomic():
        disable(machine)
        transaction.set_rollback(True)


def test_neither_the_sink_nor_the_log_hears_of_what_was_rolled_back(
    machine: Machine,
    set_sink: Any,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    set_sink("sink")
    caplog.set_level(logging.INFO, "django_cc.audit")

    with django_capture_on_commit_callbacks(execute=True):
        disable_and_undo(machine)

    assert heard == []
    assert caplog.records == []
    assert not AuditEvent.objects.filter(event="client_disabled").exists()


def test_a_failing_sink_is_logged_and_harms_nothing(
    machine: Machine,
    set_sink: Any,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    set_sink("broken_sink")

    with django_capture_on_commit_callbacks(execute=True):
        disable(machine)

    assert "AUDIT_SINK failed." in caplog.text
    assert "the archive is away" in caplog.text
    assert not MachineClient.objects.get().is_enabled
    assert AuditEvent.objects.filter(event="client_disabled").exists()


def test_settings_that_broke_meanwhile_harm_nothing_either(
    machine: Machine,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record(AuditEvent.Event.CLIENT_UPDATED, ACTOR, client=machine.row)
        settings.DJANGO_CC = {**settings.DJANGO_CC, "AUDIT_SINK": "nowhere.at_all"}

    assert "nowhere" in caplog.text
    assert AuditEvent.objects.filter(event="client_updated").exists()


WRONG_SINKS = {
    "no.such.module": "cannot be imported",
    f"{__name__}.missing": "cannot be imported",
    f"{__name__}.not_callable": "cannot be called",
    "sink": "cannot be imported",
    7: "dotted path",
}


@pytest.mark.parametrize(("path", "problem"), WRONG_SINKS.items(), ids=str)
def test_a_wrong_sink_is_refused_by_its_key(settings: Any, path: Any, problem: str) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "AUDIT_SINK": path}

    with pytest.raises(ImproperlyConfigured, match=rf"AUDIT_SINK.*{problem}"):
        get_settings()


def test_every_event_is_one_info_record_with_its_fields(
    machine: Machine,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    caplog.set_level(logging.INFO, "django_cc.audit")

    with django_capture_on_commit_callbacks(execute=True):
        disable(machine)

    [entry] = [one for one in caplog.records if one.name == "django_cc.audit"]
    fields = entry.audit  # type: ignore[attr-defined]  # what `extra` adds
    assert entry.levelno == logging.INFO
    assert json.loads(json.dumps(fields)) == describe(
        AuditEvent.objects.get(event="client_disabled")
    )


def test_cuts_what_is_longer_than_its_column(machine: Machine) -> None:
    record(
        AuditEvent.Event.CLIENT_UPDATED,
        Actor.for_command("c" * 300),
        client=machine.row,
        detail="d" * 300,
        reason="r" * 300,
    )

    event = AuditEvent.objects.get(event="client_updated")
    assert {len(event.actor), len(event.detail), len(event.reason)} == {255}


def test_the_log_names_no_client_where_none_is_concerned(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Captured
) -> None:
    caplog.set_level(logging.INFO, "django_cc.audit")

    with django_capture_on_commit_callbacks(execute=True):
        record(AuditEvent.Event.SIGNING_KEY_CREATED, Actor.for_command("tests"), detail="k1")

    assert [entry.getMessage() for entry in caplog.records] == ["signing_key_created by tests (k1)"]
