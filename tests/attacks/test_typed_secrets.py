"""Threat: a secret that somebody types where a reason, a note, a name or a description belongs."""

from collections.abc import Callable
from io import StringIO
from typing import Any, TypeAlias

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponse

from django_cc.authorization_server.apis.api_editing import create_api, update_api
from django_cc.authorization_server.apis.scope_editing import create_scope, update_scope
from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.keys import add_key, revoke_key
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    find_secret,
    revoke_secret,
    update_secret,
)
from django_cc.authorization_server.clients.state import disable_client, revoke_tokens
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.signing_keys.compromise import replace_compromised_keys
from django_cc.models import API, AuditEvent, MachineClient
from tests.assertions import new_key
from tests.attacks.test_secret_leaks import dump_database
from tests.console.admin_pages import Pages
from tests.console.console import Console, read
from tests.machines import ACTOR, Machine, TokenEndpoint, encode, register

REFUSED = "That looks like a client secret: it was not stored. Use Identify to find whose it is."
_Act: TypeAlias = Callable[[Machine, str], object]
ORDERS = "https://orders.example.com"


def end_key(machine: Machine, typed: str) -> None:
    revoke_key(add_key(machine.row, new_key().public_jwk(), ACTOR), ACTOR, reason=typed)


def edit_note(machine: Machine, typed: str) -> None:
    update_secret(find_secret(machine.row, None), ACTOR, note=typed, expires_at=None)


ACTS: dict[str, tuple[str, _Act]] = {
    "register by name": ("name", lambda _one, typed: register(typed)),
    "register": ("description", lambda _one, typed: register("Other", description=typed)),
    "rename": ("name", lambda one, typed: update_client(one.row, Changes(name=typed), ACTOR)),
    "describe": (
        "description",
        lambda one, typed: update_client(one.row, Changes(description=f"Ask.\n{typed}"), ACTOR),
    ),
    "note a secret": (
        "note",
        lambda one, typed: create_secret(one.row, ACTOR, expires_at=None, note=typed),
    ),
    "change a note": ("note", edit_note),
    "note a key": (
        "note",
        lambda one, typed: add_key(one.row, new_key().public_jwk(), ACTOR, note=typed),
    ),
    "revoke a secret": (
        "reason",
        lambda one, typed: revoke_secret(find_secret(one.row, None), ACTOR, reason=typed),
    ),
    "remove a key": ("reason", end_key),
    "disable": ("reason", lambda one, typed: disable_client(one.row, ACTOR, reason=typed)),
    "delete": ("reason", lambda one, typed: delete_client(one.row, ACTOR, reason=typed)),
    "revoke tokens": ("reason", lambda one, typed: revoke_tokens(one.row, ACTOR, reason=typed)),
    "compromise": ("reason", lambda _one, typed: replace_compromised_keys(ACTOR, reason=typed)),
    "add an API": ("name", lambda _one, typed: create_api("https://new.test", ACTOR, name=typed)),
    "rename an API": (
        "name",
        lambda _one, typed: update_api(create_api("https://new.test", ACTOR), ACTOR, name=typed),
    ),
    "add a scope": (
        "description",
        lambda _one, typed: create_scope(
            create_api("https://new.test", ACTOR), "new:read", ACTOR, description=typed
        ),
    ),
    "describe a scope": (
        "description",
        lambda _one, typed: update_scope(
            create_scope(create_api("https://new.test", ACTOR), "new:read", ACTOR),
            ACTOR,
            description=typed,
        ),
    ),
}


@pytest.fixture
def console(db: None) -> Console:
    """The console as a superuser sees it."""
    return Console(get_user_model().objects.create_superuser("root"))


@pytest.mark.parametrize("act", ACTS)
def test_refuses_a_secret_at_its_field_and_stores_nothing_of_it(
    machine: Machine, signing_key: None, act: str, caplog: pytest.LogCaptureFixture
) -> None:
    field, attempt = ACTS[act]

    with caplog.at_level("DEBUG"), pytest.raises(ValidationError) as refusal:
        attempt(machine, f"leaked: {machine.client_secret} (chat)")

    assert refusal.value.message_dict == {field: [REFUSED]}
    for place in (dump_database(), caplog.text):
        assert machine.client_secret[5:25] not in place


def test_refuses_most_of_a_secret(machine: Machine) -> None:
    with pytest.raises(ValidationError, match="looks like a client secret"):
        disable_client(machine.row, ACTOR, reason=machine.client_secret[:40])


def test_takes_the_visible_ends_of_a_secret(machine: Machine) -> None:
    ends = str(find_secret(machine.row, None))

    disable_client(machine.row, ACTOR, reason=f"{ends} leaked")

    assert AuditEvent.objects.get(event="client_disabled").reason == f"{ends} leaked"


def test_a_command_refuses_it_with_the_same_words(machine: Machine) -> None:
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command(
            "cc_client", "disable", machine.client_id, reason=machine.client_secret, stdout=out
        )

    assert REFUSED in str(refusal.value)
    assert machine.client_secret not in f"{refusal.value}{out.getvalue()}"


def post_disabling(console: Console, machine: Machine) -> HttpResponse:
    return console.submit("disable", machine.row.pk, reason=machine.client_secret)


def post_note(console: Console, machine: Machine) -> HttpResponse:
    fields = {"expected_secrets": "1", "secret_expires": "90", "note": machine.client_secret}
    return console.submit("create_secret", machine.row.pk, **fields)


def post_key_note(console: Console, machine: Machine) -> HttpResponse:
    return console.submit("add_key", machine.row.pk, note=machine.client_secret, public_key="{")


def post_overview(console: Console, machine: Machine) -> HttpResponse:
    fields = {"name": machine.client_secret, "description": machine.client_secret}
    return console.submit("change", machine.row.pk, version="1", owner="", **fields)


def post_old_overview(console: Console, machine: Machine) -> HttpResponse:
    update_client(machine.row, Changes(name="Renamed"), ACTOR)
    fields = {"name": "Mine", "description": machine.client_secret}
    return console.submit("change", machine.row.pk, version="1", owner="", **fields)


def post_registration(console: Console, machine: Machine) -> HttpResponse:
    return console.register(machine.client_secret, description=machine.client_secret)


def post_taken_name(console: Console, machine: Machine) -> HttpResponse:
    console.register("Twin")
    return console.register("Twin", description=machine.client_secret)


FORMS = (
    post_disabling,
    post_note,
    post_key_note,
    post_overview,
    post_old_overview,
    post_registration,
    post_taken_name,
)


@pytest.mark.parametrize("post", FORMS, ids=lambda post: post.__name__)
def test_a_form_refuses_it_and_does_not_show_it_again(
    console: Console, machine: Machine, post: Any
) -> None:
    text = read(post(console, machine))

    assert REFUSED in text
    assert machine.client_secret[5:25] not in text
    assert machine.client_secret[5:25] not in dump_database()


def test_the_form_keeps_what_is_beside_it(console: Console, machine: Machine) -> None:
    answer = console.register("Nightly export", description=machine.client_secret)

    assert 'value="Nightly export"' in read(answer)


@pytest.fixture
def pages(console: Console) -> Pages:
    return Pages(console.user, "api")


def test_the_forms_of_apis_and_scopes_refuse_it(pages: Pages, machine: Machine) -> None:
    api = API.objects.get(identifier=ORDERS)
    assert api.scopes.exists()
    texts = [
        {"name": machine.client_secret, "scopes-0-description": "Reads."},
        {"name": "New", "scopes-0-description": machine.client_secret},
    ]

    for fields in texts:
        sent: dict[str, Any] = {
            "identifier": "https://new.example.com",
            "scopes-TOTAL_FORMS": "1",
            "scopes-INITIAL_FORMS": "0",
            "scopes-0-name": "new:read",
        }
        text = read(pages.submit("add", **{**sent, **fields}))
        assert REFUSED in text
        assert machine.client_secret[5:25] not in text


def test_the_trail_cuts_out_a_secret_that_reaches_it_all_the_same(
    machine: Machine, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    MachineClient.objects.update(name=machine.client_secret)
    machine.row.refresh_from_db()
    typed = f"x{machine.client_secret}y {'dccs_' * 3}"

    with caplog.at_level("DEBUG"), django_capture_on_commit_callbacks(execute=True):
        trail.record(
            AuditEvent.Event.CLIENT_UPDATED,
            trail.Actor.for_command(typed),
            client=machine.row,
            detail=f"{'a' * 230} {typed}",
            reason=typed,
        )

    event = AuditEvent.objects.get(event="client_updated")
    assert event.reason == f"xdccs_… {'dccs_' * 3}"
    told = f"{trail.describe(event)}{caplog.text}"
    assert machine.client_secret[5:12] not in told


@pytest.mark.parametrize("place", ["basic", "body", "both"])
def test_a_secret_sent_as_the_client_id_is_kept_nowhere(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    place: str,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    swapped = Machine(machine.row, machine.client_secret, machine.client_id)
    form = {"grant_type": "client_credentials"}
    body = encode(form | (swapped.body_credentials() if place != "basic" else {}))

    with caplog.at_level("DEBUG"), django_capture_on_commit_callbacks(execute=True):
        token_endpoint.post(body, authorization=None if place == "body" else swapped.basic())
        write_down()

    assert AuditEvent.objects.filter(event="token_refused").exists()
    for kept in (dump_database(), caplog.text):
        assert machine.client_secret[5:25] not in kept
