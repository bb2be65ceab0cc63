"""Who hears of an audit event: the trail, the log and AUDIT_SINK, on commit."""

import inspect
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from django_cc import authorization_server
from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.apis.synchronisation import synchronise_apis
from django_cc.authorization_server.audit import Actor, describe, record
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.replacement import replace_lost_secret
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    default_expiry,
    find_secret,
    revoke_secret,
    rotate_secret,
    update_secret,
)
from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import AuditEvent, MachineClient
from tests.machines import ACTOR, Machine, register

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


def scopes(*names: str) -> Any:
    return choose_scopes(list(names))


def live_secret(machine: Machine) -> Any:
    return find_secret(machine.row, None)


def own(machine: Machine, actor: Actor) -> Machine:
    MachineClient.objects.update(registered_by=actor.user)
    machine.row.refresh_from_db()
    return machine


def enable_again(machine: Machine, actor: Actor) -> None:
    disable_client(machine.row, ACTOR)
    enable_client(machine.row, actor)


def delete_disabled(machine: Machine, actor: Actor) -> None:
    disable_client(machine.row, ACTOR)
    delete_client(machine.row, actor)


ACTS: dict[str, Callable[[Machine, Actor], Any]] = {
    "access_granted": lambda m, actor: grant_access(m.row, scopes("billing:read"), actor),
    "access_revoked": lambda m, actor: revoke_access(m.row, scopes("orders:read"), actor),
    "client_disabled": lambda m, actor: disable_client(m.row, actor, reason="leak"),
    "client_enabled": enable_again,
    "client_deleted": delete_disabled,
    "tokens_revoked": lambda m, actor: revoke_tokens(m.row, actor, reason="leak"),
    "secret_created": lambda m, actor: create_secret(m.row, actor, expires_at=default_expiry()),
    "secret_rotated": lambda m, actor: rotate_secret(
        live_secret(m), actor, overlap=get_settings().rotation_overlap, expires_at=default_expiry()
    ),
    "secret_updated": lambda m, actor: update_secret(
        live_secret(m),
        actor,
        note="vault",
        expires_at=live_secret(m).created_at + timedelta(days=9),
    ),
    "secret_revoked": lambda m, actor: revoke_secret(live_secret(m), actor, reason="leak"),
    "secret_replaced": lambda m, actor: replace_lost_secret(own(m, actor).row, actor),
}
WITH_A_REASON = {"client_disabled", "tokens_revoked", "secret_revoked"}


@pytest.fixture
def ana(django_user_model: Any) -> Actor:
    """Ana at her desk."""
    return Actor.for_user(django_user_model.objects.create_user("ana"), address="192.0.2.7")


@pytest.mark.parametrize("name", ACTS)
def test_every_change_to_a_client_is_recorded(machine: Machine, ana: Actor, name: str) -> None:
    ACTS[name](machine, ana)

    [event] = AuditEvent.objects.filter(actor="ana")
    assert event.event == name
    assert (event.actor_kind, event.address) == ("user", "192.0.2.7")
    assert (event.client_id, event.client_name) == (machine.client_id, machine.row.name)
    assert event.result == "done"
    assert event.reason == ("leak" if name in WITH_A_REASON else "")


def test_a_registration_is_recorded(db: None) -> None:
    machine = register()

    event = AuditEvent.objects.get(event="client_registered")
    assert (event.client_id, event.client_name) == (machine.client_id, machine.row.name)
    assert event.actor == ACTOR.name


def test_changes_that_concern_no_client_are_recorded(ana: Actor) -> None:
    ensure_signing_key(ana)
    synchronise_apis([], ana)

    events = AuditEvent.objects.filter(actor="ana").values_list("event", "client_id")
    assert set(events) == {("signing_key_created", ""), ("apis_configured", "")}


def find_services() -> Iterator[Any]:
    """Return the public functions of the server that are told who does something."""
    for found in walk_packages(authorization_server.__path__, f"{authorization_server.__name__}."):
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            if function.__module__ == found.name and name[0] != "_" and "actor" in parameters:
                yield function


def test_every_module_whose_functions_know_an_actor_records_events() -> None:
    services = list(find_services())

    silent = {
        function.__module__
        for function in services
        if "record" not in Path(str(inspect.getsourcefile(function))).read_text()
    }

    assert len(services) > len(ACTS)
    assert silent == set()
