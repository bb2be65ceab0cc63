"""Registering a client that signs JWTs: by public keys, and never by a private one."""

import base64
import json
import re
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.http import HttpResponse

from django_cc.models import AuditEvent, MachineClient
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import KeyMachine, new_key, present, register_with_key
from tests.console.console import Console, find_secrets, read
from tests.console.pasted_keys import (
    WEAK,
    list_private_texts,
    list_unrecognised_texts,
    to_public_pem,
    write_public,
)
from tests.machines import TokenEndpoint
from tests.publishing import Publisher, allow_loopback, publish, register_with_url
from tests.remote.fixtures import Names

NOWHERE = "https://nowhere.example.com/jwks.json"
UNSAFE = {**list_private_texts(), **list_unrecognised_texts()}


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network of our own, that publishes one key."""
    allow_loopback(settings)
    with publish(server_tls, new_key()) as publisher:
        yield publisher


def register(console: Console, **changes: Any) -> HttpResponse:
    """Submit the form for a client that signs."""
    return console.register(authentication="private_key_jwt", **changes)


def find_signer(key: PrivateKey) -> KeyMachine:
    row = MachineClient.objects.select_related("application").get()
    return KeyMachine(row, row.client_id, key)


def read_key_text(answer: HttpResponse) -> str:
    box = re.search(r'<textarea name="public_key".*?>\s*(.*?)</textarea>', read(answer), re.DOTALL)
    assert box is not None
    return box[1].strip()


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_a_client_gets_tokens_by_the_key_that_was_pasted_in_pem(
    console: Console, token_endpoint: TokenEndpoint, algorithm: SigningAlgorithm
) -> None:
    key = new_key(algorithm)
    choice = (
        {"rsa_algorithm": algorithm.value} if "S256" in algorithm and algorithm[0] != "E" else {}
    )

    register(console, public_key=to_public_pem(key), **choice)

    assert present(token_endpoint, find_signer(key)).status_code == 200


@pytest.mark.parametrize("form", ["JWK", "JWK Set"])
def test_takes_a_jwk_and_a_jwk_set(
    console: Console, token_endpoint: TokenEndpoint, form: str
) -> None:
    key = new_key()
    jwk = key.public_jwk()

    register(console, public_key=json.dumps(jwk if form == "JWK" else {"keys": [jwk]}))

    assert present(token_endpoint, find_signer(key)).status_code == 200


def test_an_rsa_jwk_that_does_not_say_what_for_takes_what_was_chosen(console: Console) -> None:
    jwk = new_key(SigningAlgorithm.PS256).public_jwk()
    del jwk["alg"]

    register(console, public_key=json.dumps(jwk), rsa_algorithm="PS256")

    assert MachineClient.objects.get().keys.get().algorithm == "PS256"


def test_shows_what_the_program_needs_and_no_secret(console: Console) -> None:
    key = new_key()

    answer = register(console, public_key=to_public_pem(key))

    text = read(answer)
    assert answer.status_code == 200
    assert "“Billing sync” is registered" in text
    assert "There is no secret to copy" in text
    assert key.public_jwk()["kid"] in text
    assert not find_secrets(answer)
    assert not MachineClient.objects.get().secrets.exists()


def test_offers_the_facts_as_a_json_file(console: Console) -> None:
    answer = register(console, public_key=to_public_pem(new_key()))

    link = re.search(r'href="data:application/json;base64,([^"]+)', read(answer))
    assert link is not None
    document = json.loads(base64.b64decode(link[1]))
    assert document["token_endpoint_auth_method"] == "private_key_jwt"
    assert "client_secret" not in document


@pytest.mark.parametrize("pasted", UNSAFE.values(), ids=UNSAFE)
def test_gives_a_text_that_may_be_private_back_to_nobody(console: Console, pasted: str) -> None:
    answer = register(console, public_key=pasted, description="kept")

    assert not MachineClient.objects.exists()
    assert read_key_text(answer) == ""
    assert pasted.strip("\x00")[40:70] not in read(answer)
    assert "kept" in read(answer)


@pytest.mark.parametrize("pasted", list_private_texts().values(), ids=list_private_texts())
def test_says_that_a_private_key_must_be_treated_as_exposed(console: Console, pasted: str) -> None:
    answer = register(console, public_key=pasted)

    assert "That is a private key. It was discarded and not stored." in read(answer)
    assert "Treat it as exposed" in read(answer)


def test_a_private_key_is_in_no_table_and_no_log(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pasted = list_private_texts()["PKCS #8"]

    register(console, public_key=pasted)

    piece = pasted.splitlines()[1][:30]
    rows = [row for model in apps.get_models() for row in model._base_manager.values()]
    assert rows
    assert piece not in repr(rows)
    assert piece not in caplog.text


def test_gives_no_private_key_back_when_something_else_is_wrong(console: Console) -> None:
    answer = register(console, name="", public_key=list_private_texts()["PKCS #8"])

    assert read_key_text(answer) == ""


def test_keeps_a_public_key_when_something_else_is_wrong(console: Console) -> None:
    pem = to_public_pem(new_key())

    answer = console.submit("add", authentication="private_key_jwt", name="", public_key=pem)

    assert read_key_text(answer) == pem.strip()


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (write_public(WEAK.public_key()), "This key is too weak: RSA 1024. Use RSA 2048 or more"),
        (
            write_public(ec.generate_private_key(ec.SECP384R1()).public_key()),
            "or is none for one of ES256",
        ),
        ("{}", "That is no public key in PEM, no JWK and no JWK Set."),
        ("x" * 70_000, "at most 65536 characters"),
    ],
    ids=["weak", "P-384", "nothing", "long"],
)
def test_names_what_is_wrong_with_a_key(console: Console, pasted: str, words: str) -> None:
    answer = register(console, public_key=pasted)

    assert words in read(answer)
    assert not MachineClient.objects.exists()


def test_refuses_the_key_of_another_client(console: Console) -> None:
    other = register_with_key()

    answer = register(console, public_key=to_public_pem(other.key))

    assert "This key is already used by another machine client." in read(answer)
    assert MachineClient.objects.count() == 1


def test_a_client_may_be_registered_before_its_key_is_there(console: Console) -> None:
    answer = register(console)

    assert "It has no public key yet" in read(answer)


def test_reads_the_url_of_keys_once(console: Console, publisher: Publisher) -> None:
    answer = register(console, jwks_uri=publisher.url)

    assert "“Billing sync” is registered" in read(answer)
    assert MachineClient.objects.get().jwks_uri == publisher.url
    assert len(publisher.server.requests) == 1


def test_offers_to_save_a_url_that_cannot_be_read(console: Console) -> None:
    answer = register(console, jwks_uri=NOWHERE)

    text = read(answer)
    assert "We could not read it:" in text
    assert re.search(r'<input type="checkbox" name="save_anyway"', text)
    assert not MachineClient.objects.exists()


def test_saves_a_url_anyway_when_told_to(console: Console) -> None:
    register(console, jwks_uri=NOWHERE, save_anyway="on")

    assert MachineClient.objects.get().jwks_uri == NOWHERE


def test_refuses_a_url_without_tls_also_when_told_to_save_it(console: Console) -> None:
    answer = register(console, jwks_uri="http://keys.example.com/", save_anyway="on")

    assert "Use https://." in read(answer)
    assert not MachineClient.objects.exists()


def test_does_not_offer_to_save_anyway_before_it_has_to(console: Console) -> None:
    text = read(console.visit("add"))

    assert 'type="hidden" name="save_anyway"' in text
    assert 'type="checkbox" name="save_anyway"' not in text


def test_what_does_not_go_with_the_chosen_kind_is_not_looked_at(console: Console) -> None:
    console.register(authentication="client_secret", public_key="nonsense", jwks_uri="http://x/")

    client = MachineClient.objects.get()
    assert (client.authentication, client.jwks_uri) == ("client_secret", "")
    assert not client.keys.exists()


def test_a_repetition_says_nothing_of_a_secret_that_never_was(console: Console) -> None:
    from uuid import uuid4

    key, pem = uuid4(), to_public_pem(new_key())
    register(console, key=key, public_key=pem)

    answer = register(console, key=key, public_key=pem)

    assert "is registered already" in read(answer)
    assert "Its secret was shown once" not in read(answer)
    assert AuditEvent.objects.filter(event="client_registered").count() == 1


def test_remembers_where_a_client_publishes(publisher: Publisher, console: Console) -> None:
    signer = register_with_url(publisher.url)

    text = read(console.visit("credentials", signer.row.pk))

    assert publisher.url in text
