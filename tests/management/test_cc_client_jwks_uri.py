"""`cc_client --jwks-uri` and `cc_client_key fetch`: where a client publishes its keys."""

import io
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, MachineClient
from tests.assertions import new_key, present, register_with_key
from tests.machines import Machine, TokenEndpoint
from tests.publishing import Publisher, allow_loopback, publish, register_with_url
from tests.remote.fixtures import Names

pytestmark = pytest.mark.django_db

NOWHERE = "https://nowhere.example.com/jwks.json"


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network of our own, that publishes one key."""
    allow_loopback(settings)
    with publish(server_tls, new_key()) as publisher:
        yield publisher


def run(command: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def create(*arguments: str) -> dict[str, Any]:
    signed = ("--auth-method", "private_key_jwt", *arguments, "--json")
    document: dict[str, Any] = json.loads(
        run("cc_client", "create", "Signer", "--scope", "orders:read", *signed)
    )
    return document


def show(client_id: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("cc_client", "show", client_id, "--json"))
    return document


def last_event() -> AuditEvent:
    event = AuditEvent.objects.order_by("pk").last()
    assert event is not None
    return event


def test_registers_a_client_that_publishes_its_keys(publisher: Publisher) -> None:
    printed = create("--jwks-uri", publisher.url)

    shown = show(printed["client_id"])
    assert (printed["jwks_uri"], printed["kids"]) == (publisher.url, [])
    assert (shown["jwks_uri"], shown["status"]) == (publisher.url, "active")
    assert last_event().detail == f"+ orders:read; private_key_jwt {publisher.url}"
    assert len(publisher.server.requests) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://keys.example.com/", r"jwks_uri: Use https://\."),
        ("https://user@keys.example.com/", "it must have no user"),
        ("keys", "jwks_uri: This cannot be the URL of a JWK Set"),
        (NOWHERE, r"jwks_uri: We could not read it: its host name does not resolve \(tried once"),
        ("https://127.0.0.1/", "an address that is not public"),
    ],
)
def test_registers_nothing_where_the_url_is_wrong(resolver: Names, url: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        create("--jwks-uri", url)

    assert not MachineClient.objects.exists()


def test_says_how_to_keep_a_url_that_cannot_be_read_yet(resolver: Names) -> None:
    with pytest.raises(CommandError, match="--save-anyway keeps it"):
        create("--jwks-uri", NOWHERE)

    assert create("--jwks-uri", NOWHERE, "--save-anyway")["jwks_uri"] == NOWHERE


def test_keeps_no_url_that_is_never_read_whatever_is_said(resolver: Names) -> None:
    with pytest.raises(CommandError, match="Use https"):
        create("--jwks-uri", "http://keys.example.com/", "--save-anyway")

    assert not MachineClient.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--jwks-uri", NOWHERE), "--jwks-uri goes with --auth-method private_key_jwt"),
        (("--auth-method", "private_key_jwt", "--save-anyway"), "--save-anyway goes with"),
    ],
)
def test_says_what_an_option_goes_with(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run("cc_client", "create", "Signer", "--scope", "orders:read", *arguments)


def test_moves_a_client_from_its_secret_to_published_keys(
    token_endpoint: TokenEndpoint, publisher: Publisher, machine: Machine
) -> None:
    moves = ("--jwks-uri", publisher.url, "--auth-method", "private_key_jwt")

    said = run("cc_client", "update", machine.client_id, *moves, "--keep-previous", "7d")

    assert "Changed jwks_uri, authentication" in said
    assert token_endpoint.issue(machine)["access_token"]
    assert show(machine.client_id)["jwks_uri"] == publisher.url


@pytest.mark.usefixtures("signing_key")
def test_tells_whether_a_client_that_publishes_its_keys_is_used(
    publisher: Publisher, time_machine: Any
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)
    time_machine.move_to(datetime.now(UTC) + timedelta(days=2))
    before = show(client.client_id)["status"]

    present(TokenEndpoint(), client)
    write_down()
    used = show(client.client_id)
    time_machine.shift(timedelta(days=200))

    assert before == "never_used"
    assert (used["status"], used["last_used_at"] is None) == ("active", False)
    assert show(client.client_id)["status"] == "idle"


def test_changes_and_takes_away_the_url(publisher: Publisher) -> None:
    client = register_with_url(NOWHERE)

    run("cc_client", "update", client.client_id, "--jwks-uri", publisher.url)
    changed = last_event().detail
    run("cc_client", "update", client.client_id, "--no-jwks-uri")

    assert changed == f"jwks_uri: {NOWHERE} → {publisher.url}"
    assert show(client.client_id)["jwks_uri"] is None
    assert show(client.client_id)["status"] == "awaiting_credentials"


def test_changes_nothing_where_the_new_url_cannot_be_read(resolver: Names) -> None:
    client = register_with_key()

    with pytest.raises(CommandError, match="We could not read it"):
        run("cc_client", "update", client.client_id, "--name", "New", "--jwks-uri", NOWHERE)

    assert show(client.client_id)["name"] == "Key client"


def test_forgets_the_url_when_a_client_goes_back_to_secrets_at_once(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    client = register_with_url(publisher.url)
    run("cc_secret", "create", client.client_id)

    run("cc_client", "update", client.client_id, "--auth-method", "client_secret")

    assert show(client.client_id)["jwks_uri"] is None
    assert last_event().detail.endswith("jwks_uri forgotten")


def test_keeps_the_url_for_as_long_as_the_previous_method(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)
    run("cc_secret", "create", client.client_id)

    back = ("--auth-method", "client_secret", "--keep-previous", "7d")
    run("cc_client", "update", client.client_id, *back)

    assert present(token_endpoint, client).status_code == 200
    assert show(client.client_id)["jwks_uri"] == publisher.url


def test_fetches_what_a_client_publishes_now(publisher: Publisher) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url)
    kid = key.public_jwk()["kid"]

    assert run("cc_client_key", "fetch", client.client_id) == f"{kid}  ES256\n"
    assert json.loads(run("cc_client_key", "fetch", client.client_id, "--json")) == [
        {"kid": kid, "algorithm": "ES256"}
    ]
    assert publisher.url in run("cc_client_key", "list", client.client_id)


def test_says_why_what_a_client_publishes_cannot_be_had(resolver: Names) -> None:
    client = register_with_url(NOWHERE)

    with pytest.raises(CommandError, match="its host name does not resolve"):
        run("cc_client_key", "fetch", client.client_id)


def test_says_that_a_client_publishes_nothing(machine: Machine) -> None:
    with pytest.raises(CommandError, match="publishes no keys"):
        run("cc_client_key", "fetch", machine.client_id)
