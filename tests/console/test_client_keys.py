"""Public keys, the URL of published ones, and the way a client authenticates, in the console."""

import json
import re
import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import create_secret, default_expiry
from django_cc.models import AuditEvent, MachineClient
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import KeyMachine, new_key, present, register_with_key
from tests.console.console import Console, create_user, page_url, read
from tests.console.pasted_keys import list_private_texts, to_public_pem
from tests.machines import ACTOR, Machine, TokenEndpoint
from tests.publishing import Publisher, allow_loopback, publish, register_with_url
from tests.remote.fixtures import Names

Event = AuditEvent.Event
NOWHERE = "https://nowhere.example.com/jwks.json"
JWT = MachineClient.Authentication.PRIVATE_KEY_JWT


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network of our own, that publishes one key."""
    allow_loopback(settings)
    with publish(server_tls, new_key()) as publisher:
        yield publisher


@pytest.fixture
def signer(db: None) -> KeyMachine:
    """A client that authenticates by a key."""
    return register_with_key()


def reload(machine: Machine | KeyMachine) -> MachineClient:
    return MachineClient.objects.select_related("application").get(pk=machine.row.pk)


def read_tab(console: Console, machine: Machine | KeyMachine) -> str:
    return read(console.visit("credentials", machine.row.pk))


def set_url(console: Console, machine: Machine | KeyMachine, url: str, **more: Any) -> HttpResponse:
    fields = {"jwks_uri": url, "version": reload(machine).version}
    return console.submit("jwks_url", machine.row.pk, **(fields | more))


def test_adds_a_key_beside_those_that_are_there(
    admin_console: Console, signer: KeyMachine, token_endpoint: TokenEndpoint
) -> None:
    key = new_key()

    admin_console.submit(
        "add_key", signer.row.pk, public_key=to_public_pem(key), note="HSM 3", expires_at=""
    )

    added = KeyMachine(signer.row, signer.client_id, key)
    answers = [present(token_endpoint, one).status_code for one in (signer, added)]
    assert answers == [200, 200]
    assert reload(signer).keys.latest("pk").note == "HSM 3"


def test_adds_a_key_with_an_end(admin_console: Console, signer: KeyMachine) -> None:
    pem = to_public_pem(new_key(SigningAlgorithm.RS256))

    admin_console.submit("add_key", signer.row.pk, public_key=pem, expires_at="2099-01-31T12:00")

    key = reload(signer).keys.latest("pk")
    assert key.algorithm == "RS256"
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2099-01-31T12:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"public_key": ""}, "This field is required."),
        ({"public_key": list_private_texts()["PKCS #8"]}, "That is a private key."),
        (
            {"public_key": json.dumps({"keys": [new_key().public_jwk(), new_key().public_jwk()]})},
            "It holds 2 keys: paste one.",
        ),
        (
            {"public_key": to_public_pem(new_key()), "expires_at": "2020-01-01T00:00"},
            "The end must be in the future.",
        ),
    ],
    ids=["none", "private", "two", "past end"],
)
def test_names_what_is_wrong_with_a_key(
    admin_console: Console, signer: KeyMachine, fields: dict[str, str], words: str
) -> None:
    answer = admin_console.submit("add_key", signer.row.pk, **fields)

    assert words in read(answer)
    assert "BEGIN PRIVATE" not in read(answer)
    assert reload(signer).keys.count() == 1


def test_refuses_a_key_that_is_there_already(admin_console: Console, signer: KeyMachine) -> None:
    pem = to_public_pem(signer.key)

    answer = admin_console.submit("add_key", signer.row.pk, public_key=pem)

    assert "The client has a key with the kid" in read(answer)


def test_asks_before_it_removes_the_only_key(admin_console: Console, signer: KeyMachine) -> None:
    text = read(admin_console.visit("remove_key", signer.row.pk, signer.row.keys.get().pk))

    assert f"Remove key {signer.jwk['kid']}" in text
    assert "This is the only usable credential." in text


def test_a_removed_key_gets_no_token(
    admin_console: Console, signer: KeyMachine, token_endpoint: TokenEndpoint
) -> None:
    key = signer.row.keys.get()

    admin_console.submit("remove_key", signer.row.pk, key.pk, reason="Lost laptop")

    assert present(token_endpoint, signer).status_code == 401
    assert AuditEvent.objects.get(event=Event.KEY_REVOKED).reason == "Lost laptop"


def test_sets_the_url_of_keys_after_reading_it(
    admin_console: Console, signer: KeyMachine, publisher: Publisher
) -> None:
    answer = set_url(admin_console, signer, publisher.url)

    assert answer["Location"] == page_url("credentials", signer.row.pk)
    assert reload(signer).jwks_uri == publisher.url
    assert "The JWKS URL is set: 1 key can be used." in read_tab(admin_console, signer)


def test_tells_when_a_published_key_was_used(
    admin_console: Console, signer: KeyMachine, publisher: Publisher
) -> None:
    set_url(admin_console, signer, publisher.url)
    before = read_tab(admin_console, signer)
    MachineClient.objects.update(
        published_key_used_at=timezone.now() - timedelta(minutes=4),
        published_key_used_address="10.2.0.7",
    )

    after = read_tab(admin_console, signer)

    assert "Never used." in before
    assert "Last used 4\xa0minutes ago from 10.2.0.7." in after


def test_offers_to_save_a_url_that_cannot_be_read(
    admin_console: Console, signer: KeyMachine
) -> None:
    refused = set_url(admin_console, signer, NOWHERE)
    before = reload(signer).jwks_uri
    set_url(admin_console, signer, NOWHERE, save_anyway="on")

    assert "We could not read it:" in read(refused)
    assert re.search(r'<input type="checkbox" name="save_anyway"', read(refused))
    assert (before, reload(signer).jwks_uri) == ("", NOWHERE)


def test_refuses_a_url_without_tls(admin_console: Console, signer: KeyMachine) -> None:
    answer = set_url(admin_console, signer, "http://keys.example.com/", save_anyway="on")

    assert "Use https://." in read(answer)
    assert reload(signer).jwks_uri == ""


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("jwks_url", {"jwks_uri": NOWHERE, "save_anyway": "on"}),
        ("endpoint_audience", {"accepts_endpoint_audience": "on"}),
    ],
)
def test_an_edit_of_what_somebody_else_has_changed_is_not_saved(
    admin_console: Console, signer: KeyMachine, page: str, fields: dict[str, str]
) -> None:
    version = reload(signer).version
    set_url(admin_console, signer, "https://other.example.com/jwks.json", save_anyway="on")

    answer = admin_console.submit(page, signer.row.pk, version=version, **fields)

    text = read(answer)
    assert "changed" in text
    assert "root" in text
    assert "Reload this page" in text
    client = reload(signer)
    assert client.jwks_uri == "https://other.example.com/jwks.json"
    assert not client.accepts_endpoint_audience


def test_says_what_can_be_read_at_the_url_now(admin_console: Console, publisher: Publisher) -> None:
    signer = register_with_url(publisher.url)

    admin_console.submit("check_jwks_url", signer.row.pk)

    assert "Usable keys there now:" in read_tab(admin_console, signer)


def test_says_that_the_url_cannot_be_read_now(admin_console: Console, publisher: Publisher) -> None:
    signer = register_with_url(publisher.url)
    publisher.publish()

    admin_console.submit("check_jwks_url", signer.row.pk)

    assert "We could not read it:" in read_tab(admin_console, signer)


def test_there_is_nothing_to_read_without_a_url(admin_console: Console, signer: KeyMachine) -> None:
    admin_console.submit("check_jwks_url", signer.row.pk)

    assert "The client has no JWKS URL." in read_tab(admin_console, signer)


def test_shows_how_the_last_reading_went(
    admin_console: Console, publisher: Publisher, token_endpoint: TokenEndpoint
) -> None:
    key = new_key()
    publisher.publish(key)
    signer = register_with_url(publisher.url, key)

    present(token_endpoint, signer)
    good = read_tab(admin_console, signer)
    client_key_sets.forget()
    publisher.publish()
    present(token_endpoint, signer)
    bad = read_tab(admin_console, signer)

    assert "Read just now: 1 usable key" in good
    assert "Could not be read just now: it has no key" in bad


def test_forgets_the_url_after_asking(admin_console: Console, publisher: Publisher) -> None:
    signer = register_with_url(publisher.url)

    text = read(admin_console.visit("remove_jwks_url", signer.row.pk))
    admin_console.submit("remove_jwks_url", signer.row.pk)

    assert "This is the only usable credential." in text
    assert reload(signer).jwks_uri == ""


def test_moves_a_client_to_keys_with_an_overlap(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    key = new_key()
    add_key(machine.row, key.public_jwk(), ACTOR)

    admin_console.submit(
        "change_authentication", machine.row.pk, authentication="private_key_jwt", overlap="86400"
    )

    signer = KeyMachine(machine.row, machine.client_id, key)
    assert present(token_endpoint, signer).status_code == 200
    assert token_endpoint.access_token(machine)
    assert "Client secret works until" in read_tab(admin_console, machine)


def test_moves_a_client_to_keys_at_once(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)

    admin_console.submit(
        "change_authentication", machine.row.pk, authentication="private_key_jwt", overlap="0"
    )

    assert token_endpoint.post(authorization=machine.basic()).status_code == 401


def test_moves_a_client_back_to_secrets(admin_console: Console, signer: KeyMachine) -> None:
    create_secret(signer.row, ACTOR, expires_at=default_expiry())

    page = read(admin_console.visit("change_authentication", signer.row.pk))
    admin_console.submit(
        "change_authentication", signer.row.pk, authentication="client_secret", overlap="3600"
    )

    assert "Change to client secrets" in page
    assert reload(signer).authentication == "client_secret"


def test_does_not_move_a_client_that_has_nothing_to_move_to(
    admin_console: Console, machine: Machine
) -> None:
    answer = admin_console.submit(
        "change_authentication", machine.row.pk, authentication="private_key_jwt", overlap="0"
    )

    assert "nothing to authenticate with that way" in read(answer)
    assert reload(machine).authentication == "client_secret"


def test_ends_the_previous_authentication_before_its_date(
    admin_console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)
    until = timezone.now() + timedelta(days=7)
    change_authentication(machine.row, JWT, ACTOR, previous_until=until)

    text = read(admin_console.visit("end_transition", machine.row.pk))
    admin_console.submit("end_transition", machine.row.pk)

    assert "Client secret works until" in text
    assert token_endpoint.post(authorization=machine.basic()).status_code == 401


def test_there_may_be_nothing_to_end(admin_console: Console, machine: Machine) -> None:
    text = read(admin_console.visit("end_transition", machine.row.pk))
    tab = read_tab(admin_console, machine)

    assert "There is nothing to end" in text
    assert page_url("end_transition", machine.row.pk) not in tab


def test_says_of_credentials_that_do_not_count_yet_that_they_do_not(
    admin_console: Console, machine: Machine, signer: KeyMachine
) -> None:
    add_key(machine.row, new_key().public_jwk(), ACTOR)
    create_secret(signer.row, ACTOR, expires_at=default_expiry())

    assert "The client uses secrets: keys count if" in read_tab(admin_console, machine)
    assert "The client signs JWTs: these count if" in read_tab(admin_console, signer)


def test_lets_assertions_name_the_token_endpoint(
    admin_console: Console, signer: KeyMachine, token_endpoint: TokenEndpoint
) -> None:
    audience = "https://auth.example.com/oauth/token"
    refused = present(token_endpoint, signer, signer.assertion(aud=audience)).status_code

    admin_console.submit(
        "endpoint_audience",
        signer.row.pk,
        accepts_endpoint_audience="on",
        version=reload(signer).version,
    )

    accepted = present(token_endpoint, signer, signer.assertion(aud=audience)).status_code
    assert (refused, accepted) == (401, 200)
    assert "Assertions may name the token endpoint" in read_tab(admin_console, signer)


@pytest.mark.parametrize(
    ("page", "right"),
    [
        ("add_key", "revoke_credential"),
        ("jwks_url", "revoke_credential"),
        ("check_jwks_url", "revoke_credential"),
        ("endpoint_audience", "revoke_credential"),
        ("remove_jwks_url", "issue_credential"),
        ("change_authentication", "issue_credential"),
        ("change_authentication", "revoke_credential"),
        ("end_transition", "revoke_credential"),
    ],
)
def test_a_forged_post_is_denied_and_told(signer: KeyMachine, page: str, right: str) -> None:
    ben = Console(create_user("ben", "view_machineclient", "access_all_clients", right))
    before = MachineClient.objects.values().get()

    answer = ben.submit(page, signer.row.pk, overlap="0", authentication="client_secret")

    assert answer.status_code == 403
    assert MachineClient.objects.values().get() == before
    assert AuditEvent.objects.get(event=Event.ACTION_DENIED).detail == page


def test_a_key_of_another_client_is_not_there(admin_console: Console, signer: KeyMachine) -> None:
    other = register_with_key("Other", key=new_key())

    admin_console.submit("remove_key", signer.row.pk, other.row.keys.get().pk)

    assert other.row.keys.get().revoked_at is None
    assert "It is not there any more." in read_tab(admin_console, signer)
