"""What a project hears of what happens: on commit, once, and without a secret."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from django_cc.authorization_server import signals
from django_cc.authorization_server.clients.registration import (
    Registration,
    register_client_with_keys,
)
from django_cc.authorization_server.clients.replacement import replace_lost_secret
from django_cc.authorization_server.clients.secrets import (
    default_expiry,
    find_secret,
    rotate_secret,
)
from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.signing_keys.compromise import replace_compromised_keys
from django_cc.authorization_server.signing_keys.rotation import (
    ensure_signing_key,
    rotate_if_due,
    rotate_signing_key,
)
from django_cc.models import ClientSecret, MachineClient, SigningKey
from tests.authorization_server.looking import NOW, look, rolled_back, unplugged
from tests.jwts import read_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, read_json, register
from tests.projects.combined import ORDERS_API
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db(transaction=True)

Heard = list[dict[str, Any]]


@contextmanager
def listening(signal: Signal) -> Iterator[Heard]:
    """Collect what a signal tells while the context lasts."""
    heard: Heard = []

    def receive(**told: Any) -> None:
        heard.append(told)

    signal.connect(receive)
    try:
        yield heard
    finally:
        signal.disconnect(receive)


@contextmanager
def received_by(signal: Signal, receiver: Callable[..., None]) -> Iterator[None]:
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)


def test_tells_of_a_token_by_everything_but_the_token(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live

    with listening(signals.token_issued) as heard:
        token = endpoint.access_token(machine, scope="orders:read")

    [told] = heard
    assert told["sender"] is MachineClient
    assert (told["client_id"], told["audience"]) == (machine.client_id, ORDERS_API)
    assert (str(told["scope"]), told["lifetime"]) == ("orders:read", timedelta(minutes=10))
    assert (told["token_id"], told["address"]) == (read_claims(token)["jti"], "127.0.0.1")
    assert token not in repr(told)
    assert machine.client_secret not in repr(told)


def test_tells_of_a_refusal_by_the_reference_of_the_answer(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    endpoint, machine = live

    with listening(signals.token_refused) as heard:
        wrong = replace(machine, client_secret="none of mine")
        answer = endpoint.post(authorization=wrong.basic())

    [told] = heard
    assert (told["client_id"], told["reason"]) == (machine.client_id, "wrong_secret")
    assert told["reference"] in read_json(answer)["error_description"]
    assert "none of mine" not in repr(told)


def test_tells_of_a_registration(signing_key: None) -> None:
    with listening(signals.client_registered) as heard:
        machine = register()

    [told] = heard
    assert (told["client"].client_id, told["actor"]) == (machine.client_id, ACTOR)
    assert machine.client_secret not in repr(told)


def test_tells_of_a_registration_with_keys(transactional_db: None) -> None:
    registration = Registration(name="Signer", scopes=())

    with listening(signals.client_registered) as heard:
        client = register_client_with_keys(registration, [private_key().public_jwk()], ACTOR)

    assert [told["client"] for told in heard] == [client]


def test_tells_of_a_disabled_client_once(machine: Machine) -> None:
    with listening(signals.client_disabled) as heard:
        disable_client(machine.row, ACTOR, reason="leak")
        disable_client(machine.row, ACTOR, reason="leak")

    [told] = heard
    assert (told["client"].pk, told["actor"], told["reason"]) == (machine.row.pk, ACTOR, "leak")
    assert not told["client"].is_enabled


def test_tells_which_secret_took_the_place_of_which(machine: Machine) -> None:
    old = find_secret(machine.row, None)

    with listening(signals.secret_rotated) as heard:
        new = rotate_secret(old, ACTOR, overlap=timedelta(hours=1), expires_at=default_expiry())

    [told] = heard
    assert (told["sender"], told["client"].pk) == (ClientSecret, machine.row.pk)
    assert (told["replaced"].pk, told["secret"].visible_end) == (old.pk, new.secret.reveal()[-4:])
    assert told["replaced"].expires_at == ClientSecret.objects.get(pk=old.pk).expires_at
    assert new.secret.reveal() not in repr(told)


def test_tells_of_a_lost_secret_that_was_replaced(machine: Machine, admin_user: Any) -> None:
    MachineClient.objects.update(registered_by=admin_user)
    machine.row.refresh_from_db()
    actor = type(ACTOR).for_user(admin_user, address=None)

    with listening(signals.secret_rotated) as heard:
        replace_lost_secret(machine.row, actor)

    [told] = heard
    assert told["replaced"].revoked_at is not None
    assert told["secret"].revoked_at is None


def current_kid() -> str:
    return SigningKey.objects.get(state=SigningKey.State.CURRENT).kid


def without_a_current_key() -> None:
    SigningKey.objects.filter(state=SigningKey.State.CURRENT).delete()
    ensure_signing_key(ACTOR)


@pytest.mark.parametrize(
    "rotate",
    [
        lambda: rotate_signing_key(ACTOR, skip_wait=True),
        lambda: replace_compromised_keys(ACTOR),
        without_a_current_key,
    ],
    ids=["rotate", "compromise", "ensure"],
)
def test_tells_which_key_signs_now(signing_key: None, rotate: Callable[[], object]) -> None:
    before = current_kid()

    with listening(signals.signing_key_rotated) as heard:
        rotate()

    [told] = heard
    replaced = told["replaced"]
    assert (told["sender"], told["actor"], told["current"].kid) == (
        SigningKey,
        ACTOR,
        current_kid(),
    )
    assert told["current"].kid != before
    assert replaced is None or (replaced.kid == before and replaced.state != "current")
    assert (replaced is None) == (rotate is without_a_current_key)


def test_tells_of_the_rotation_that_was_due(signing_key: None, time_machine: Any) -> None:
    before = current_kid()
    with listening(signals.signing_key_rotated) as heard:
        rotate_if_due(ACTOR)
        time_machine.move_to(timezone.now() + timedelta(days=91))

        rotate_if_due(ACTOR)

    assert [told["replaced"].kid for told in heard] == [before]


def test_tells_nobody_before_the_commit(machine: Machine) -> None:
    with listening(signals.client_disabled) as heard:
        with transaction.atomic():
            disable_client(machine.row, ACTOR)
            before = len(heard)

        after = len(heard)

    assert (before, after) == (0, 1)


def test_tells_nobody_of_what_was_rolled_back(machine: Machine) -> None:
    with listening(signals.client_disabled) as heard, rolled_back():
        disable_client(machine.row, ACTOR)

    assert heard == []


def test_tells_when_this_process_knows_itself(machine: Machine) -> None:
    look()
    known = []

    def receive(**told: Any) -> None:
        known.append(look().clients[told["client"].client_id].enabled)

    with received_by(signals.client_disabled, receive):
        disable_client(machine.row, ACTOR)

    assert known == [False]


def test_goes_on_where_a_receiver_fails(
    live: tuple[TokenEndpoint, Machine], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint, machine = live

    def fail(**_told: Any) -> None:
        raise ValueError("a receiver of the project's")

    with received_by(signals.token_issued, fail), received_by(signals.client_disabled, fail):
        issued = endpoint.post(authorization=machine.basic())
        disable_client(machine.row, ACTOR)

    assert issued.status_code == 200
    assert not MachineClient.objects.get().is_enabled
    assert [record.name for record in caplog.records if record.exc_info] == ["django.dispatch"] * 2


def test_costs_a_token_request_no_query_and_no_connection(
    live: tuple[TokenEndpoint, Machine],
) -> None:
    endpoint, machine = live
    look(after=NOW)

    with listening(signals.token_issued) as heard:
        connection.close()
        was_open = connection.connection is not None  # SQLite in memory stays
        with unplugged():
            answer = endpoint.post(authorization=machine.basic())
        is_open = connection.connection is not None

    assert (answer.status_code, len(heard), is_open) == (200, 1, was_open)


def test_leaves_nothing_to_do_on_commit_where_nobody_listens(transactional_db: None) -> None:
    with transaction.atomic():
        signals.announce(Signal(), MachineClient, client_id="x")

        assert connection.run_on_commit == []


def test_waits_for_the_transaction_of_a_middleware(live: tuple[TokenEndpoint, Machine]) -> None:
    endpoint, machine = live

    with listening(signals.token_issued) as heard, rolled_back():
        endpoint.post(authorization=machine.basic())

    assert heard == []


def test_has_no_receiver_of_its_own() -> None:
    names = ("token_issued", "token_refused", "client_registered", "client_disabled")
    more = ("secret_rotated", "signing_key_rotated")

    assert all(getattr(signals, name).receivers == [] for name in (*names, *more))
