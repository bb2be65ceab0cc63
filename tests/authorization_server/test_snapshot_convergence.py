"""Whatever happens in whatever order, every process comes to know what the database holds."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.serializers import deserialize, serialize
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_choice import choose_scopes, find_api
from django_cc.authorization_server.apis.scope_editing import create_scope
from django_cc.authorization_server.clients.access import grant_access, revoke_access
from django_cc.authorization_server.clients.deletion import delete_client
from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.authorization_server.clients.keys import add_key, revoke_key
from django_cc.authorization_server.clients.secrets import (
    create_secret,
    revoke_secret,
    rotate_secret,
)
from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.authorization_server.signing_keys.rotation import rotate_signing_key
from django_cc.authorization_server.snapshot.current import CurrentSnapshot
from django_cc.authorization_server.snapshot.loading import load_snapshot
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.revocation import revoke_token
from django_cc.models import MachineClient
from tests.assertions import new_key
from tests.machines import ACTOR, register
from tests.projects.combined import ORDERS_API

NOW, HOUR = timedelta(0), timedelta(hours=1)


def register_another(_client: MachineClient) -> None:
    register(f"Client {MachineClient.objects.count()} {timezone.now().isoformat()}")


def add_secret(client: MachineClient) -> None:
    if client.secrets.filter(revoked_at=None).count() < 3:
        create_secret(client, ACTOR, expires_at=timezone.now() + timedelta(days=1))


def end_a_secret(client: MachineClient) -> None:
    for secret in client.secrets.filter(revoked_at=None)[:1]:
        revoke_secret(secret, ACTOR)


def delete(client: MachineClient) -> None:
    disable_client(client, ACTOR)
    delete_client(client, ACTOR)


def kill_one_token(client: MachineClient) -> None:
    token_id = f"{client.pk}-{timezone.now():%H%M%S%f}"
    revoke_token(token_id, ACTOR, expires_at=timezone.now() + HOUR, client=client)


def rotate_a_secret(client: MachineClient) -> None:
    for secret in client.secrets.filter(revoked_at=None, expires_at__gt=timezone.now())[:1]:
        if client.secrets.filter(revoked_at=None).count() < 3:
            end = timezone.now() + timedelta(days=1)
            rotate_secret(secret, ACTOR, overlap=timedelta(hours=1), expires_at=end)


def add_a_key(client: MachineClient) -> None:
    if client.keys.filter(revoked_at=None).count() < 3:
        add_key(client, new_key().public_jwk(), ACTOR)


def end_a_key(client: MachineClient) -> None:
    for key in client.keys.filter(revoked_at=None)[:1]:
        revoke_key(key, ACTOR)


def limit(client: MachineClient) -> None:
    networks, rate = [f"10.{client.version % 200}.0.0/16"], client.version + 1
    update_client(client, Changes(allowed_networks=networks, rate=rate), ACTOR)


def rotate_the_signing_key(_client: MachineClient) -> None:
    rotate_signing_key(ACTOR, skip_wait=True)


def change_an_api(_client: MachineClient) -> None:
    identifier = f"https://{timezone.now():%H%M%S%f}.example.com"
    create_scope(create_api(identifier, ACTOR), "made:up", ACTOR)


def load_a_fixture(client: MachineClient) -> None:
    """Write rows behind the services, as `loaddata` does."""
    fixture = serialize("json", MachineClient.objects.filter(pk=client.pk))
    for row in deserialize("json", fixture.replace('"rate": null', '"rate": 7')):
        row.save()


CHANGES: dict[str, Callable[[MachineClient], object]] = {
    "register": register_another,
    "disable": lambda client: disable_client(client, ACTOR),
    "enable": lambda client: enable_client(client, ACTOR),
    "revoke tokens": lambda client: revoke_tokens(client, ACTOR),
    "revoke one token": kill_one_token,
    "grant": lambda client: grant_access(client, choose_scopes(["billing:read"]), ACTOR),
    "take away": lambda client: revoke_access(client, choose_scopes(["billing:read"]), ACTOR),
    "add a secret": add_secret,
    "end a secret": end_a_secret,
    "rotate a secret": rotate_a_secret,
    "add a key": add_a_key,
    "end a key": end_a_key,
    "limit": limit,
    "let introspect": lambda client: allow_introspection(find_api(ORDERS_API), client, ACTOR),
    "rotate the signing key": rotate_the_signing_key,
    "change an API": change_an_api,
    "load a fixture": load_a_fixture,
    "delete": delete,
}
PROCESSES = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("change"), st.sampled_from(sorted(CHANGES)), st.integers(0, 5)),
    st.tuples(st.just("roll back"), st.sampled_from(sorted(CHANGES)), st.integers(0, 5)),
    st.tuples(st.just("commit late"), st.sampled_from(sorted(CHANGES)), st.integers(0, 5)),
    st.tuples(st.just("poll"), PROCESSES),
    st.tuples(st.just("restart"), PROCESSES),
)


def poll(process: CurrentSnapshot) -> Snapshot:
    return process.get(look_after=NOW, wait_after=NOW, max_age=HOUR)


def change(name: str, index: int) -> None:
    clients = list(MachineClient.objects.select_related("application").order_by("pk"))
    if clients:
        CHANGES[name](clients[index % len(clients)])
    else:
        register("The first again")


@contextmanager
def in_an_open_transaction(name: str, index: int, *, commit: bool) -> Iterator[None]:
    """Make a change in another thread, and end its transaction when the block ends."""
    changed, may_end = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                change(name, index)
                changed.set()
                may_end.wait(10)
                transaction.set_rollback(not commit)
        finally:
            changed.set()
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    changed.wait(10)
    try:
        yield
    finally:
        may_end.set()
        thread.join()


def take(step: tuple[str, *tuple[object, ...]], processes: list[CurrentSnapshot]) -> None:
    match step:
        case "change", str(name), int(index):
            change(name, index)
        case "roll back" | "commit late" as ending, str(name), int(index):
            with in_an_open_transaction(name, index, commit=ending == "commit late"):
                if connection.vendor != "sqlite":  # there, readers and the one writer take turns
                    poll(processes[index % len(processes)])
        case "poll", int(number):
            poll(processes[number])
        case "restart", int(number):
            processes[number] = CurrentSnapshot()


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=14))
def test_comes_to_the_same_by_every_path(signing_key: None, steps: list[tuple[str]]) -> None:
    processes = [CurrentSnapshot() for _ in range(3)]
    if not MachineClient.objects.exists():
        register("The first")

    for step in steps:
        take(step, processes)

    truth = load_snapshot("default")
    assert [poll(process) for process in processes] == [truth] * 3
