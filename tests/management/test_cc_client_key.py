"""`manage.py cc_client_key`, and the options of `cc_client` that say how a client authenticates."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_cc.models import AuditEvent, ClientKey, MachineClient
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import KeyMachine, new_key, present, register_with_key
from tests.console.pasted_keys import to_public_pem
from tests.machines import Machine, TokenEndpoint
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> PrivateKey:
    """A key pair of a client's."""
    return private_key()


def write(folder: Path, document: object) -> str:
    path = folder / "key.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


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


def signer(client_id: str, key: PrivateKey) -> KeyMachine:
    return KeyMachine(MachineClient.objects.get(), client_id, key)


def test_registers_a_client_that_signs(
    token_endpoint: TokenEndpoint, tmp_path: Path, key: PrivateKey
) -> None:
    printed = create("--jwks", write(tmp_path, {"keys": [key.public_jwk()]}))

    assert "client_secret" not in printed
    assert printed["token_endpoint_auth_method"] == "private_key_jwt"
    assert printed["kids"] == [key.public_jwk()["kid"]]
    assert not MachineClient.objects.get().secrets.exists()
    assert present(token_endpoint, signer(printed["client_id"], key)).status_code == 200


def test_tells_people_that_a_client_has_no_key_yet() -> None:
    signed = ("--auth-method", "private_key_jwt")
    printed = run("cc_client", "create", "Signer", "--scope", "orders:read", *signed)

    assert "cc_client_key add" in printed
    client_id = MachineClient.objects.get().client_id
    assert show(client_id)["status"] == "awaiting_credentials"


def test_refuses_keys_for_a_client_with_a_secret(tmp_path: Path, key: PrivateKey) -> None:
    file = write(tmp_path, key.public_jwk())

    with pytest.raises(CommandError, match="goes with --auth-method"):
        run("cc_client", "create", "One", "--scope", "orders:read", "--jwks", file)


def test_adds_lists_and_removes_a_key(
    token_endpoint: TokenEndpoint, tmp_path: Path, key: PrivateKey
) -> None:
    client_id = create()["client_id"]
    file = write(tmp_path, key.public_jwk())
    added = json.loads(run("cc_client_key", "add", client_id, "--jwk", file, "--json"))
    assert present(token_endpoint, signer(client_id, key)).status_code == 200
    assert show(client_id)["status"] == "active"

    removal = ("cc_client_key", "remove", client_id, f"--kid={added['kid']}", "--json")
    changed = [json.loads(run(*removal))["changed"] for _ in "12"]

    assert changed == [True, False]
    assert present(token_endpoint, signer(client_id, key)).status_code == 401
    [listed] = json.loads(run("cc_client_key", "list", client_id, "--json"))
    assert (listed["state"], listed["algorithm"]) == ("removed", "ES256")
    assert added["kid"] in run("cc_client_key", "list", client_id)


def test_takes_a_key_in_pem(token_endpoint: TokenEndpoint, tmp_path: Path, key: PrivateKey) -> None:
    client_id = create("--jwks", write(tmp_path, to_public_pem(key)))["client_id"]

    assert present(token_endpoint, signer(client_id, key)).status_code == 200


def test_refuses_a_key_in_pem_that_is_private_or_does_not_say_what_for(
    tmp_path: Path, key: PrivateKey, machine: Machine
) -> None:
    rsa = to_public_pem(private_key(SigningAlgorithm.RS256))

    for pem, words in ((key.to_pem().decode(), "That is a private key"), (rsa, "Say in “alg”")):
        with pytest.raises(CommandError, match=words):
            run("cc_client_key", "add", machine.client_id, "--jwk", write(tmp_path, pem))


def test_refuses_the_key_of_another_client(tmp_path: Path, key: PrivateKey) -> None:
    register_with_key(key=key)

    with pytest.raises(CommandError, match="already used by another machine client"):
        create("--jwks", write(tmp_path, key.public_jwk()))


def test_speaks_to_people(tmp_path: Path, machine: Machine, key: PrivateKey) -> None:
    assert "has no key" in run("cc_client_key", "list", machine.client_id)
    file = write(tmp_path, key.public_jwk())
    kid = key.public_jwk()["kid"]

    added = run("cc_client_key", "add", machine.client_id, "--jwk", file, "--note", "vault")

    assert f"Added the ES256 key {kid}." in added
    assert "does not authenticate by keys yet" in added
    assert "live" in run("cc_client_key", "list", machine.client_id)
    removal = ("cc_client_key", "remove", machine.client_id, f"--kid={kid}")
    assert "is removed" in run(*removal)
    assert "was already" in run(*removal)


def test_reads_a_key_from_standard_input(
    machine: Machine, key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(key.public_jwk())))

    run("cc_client_key", "add", machine.client_id, "--jwk", "-")

    assert ClientKey.objects.get().kid == key.public_jwk()["kid"]


def test_takes_the_kid_that_is_given_and_keeps_nothing_else(
    tmp_path: Path, machine: Machine, key: PrivateKey
) -> None:
    jwk = {**key.public_jwk(), "kid": "2026-11", "x5u": "https://evil.example", "other": 1}

    run("cc_client_key", "add", machine.client_id, "--jwk", write(tmp_path, jwk))

    stored = ClientKey.objects.get()
    assert stored.kid == "2026-11"
    assert stored.public_jwk == {**key.public_jwk(), "kid": "2026-11"}


RSA = {"kty": "RSA", "e": "AQAB", "n": "A" * 342}
EC = {"kty": "EC", "crv": "P-256"}
REFUSED: dict[str, tuple[object, str]] = {
    "private": ({**EC, "d": "AA"}, "private or a shared key"),
    "symmetric": ({"kty": "oct", "k": "AA"}, "private or a shared key"),
    "no algorithm": (RSA, "Say in “alg”"),
    "none": ({**RSA, "alg": "none"}, "cannot be read, or is none for"),
    "HS256": ({**RSA, "alg": "HS256"}, "cannot be read, or is none for"),
    "algorithm of no text": ({**RSA, "alg": []}, "cannot be read, or is none for"),
    "not on the curve": ({**EC, "x": "AA", "y": "AA"}, "cannot be read"),
    "members missing": (EC, "cannot be read"),
    "another curve": ({"kty": "EC", "crv": "P-384", "alg": "ES256"}, "cannot be read"),
    "large": ({**RSA, "n": "A" * 5000, "alg": "RS256"}, "too large"),
    "large exponent": ({**RSA, "e": "A" * 50, "alg": "RS256"}, "too large"),
    "weak": ({**RSA, "n": "z" * 171, "alg": "RS256"}, "too weak: RSA 1024. Use RSA 2048"),
    "for encryption": ({**EC, "use": "enc"}, "not for signatures"),
    "for signing": ({**EC, "key_ops": ["sign"]}, "not for signatures"),
    "strange key_ops": ({**EC, "key_ops": 7}, "not for signatures"),
    "a list": ([1], "no JWK and no JWK Set"),
    "two": ({"keys": [EC, EC]}, "must hold one key"),
    "broken keys": ({"keys": 7}, "no JWK and no JWK Set"),
    "no JSON": ("kty: EC", "cannot be read as JSON"),
    "no PEM": ("-----BEGIN PUBLIC KEY-----", "The key cannot be read"),
    "huge": (f'"{"x" * 70_000}"', "larger than"),
}


@pytest.mark.parametrize(("document", "message"), REFUSED.values(), ids=REFUSED)
def test_refuses_what_is_no_public_key(
    tmp_path: Path, machine: Machine, document: object, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run("cc_client_key", "add", machine.client_id, "--jwk", write(tmp_path, document))

    assert not ClientKey.objects.exists()


@pytest.mark.parametrize("kid", [7, "", "x" * 256, "two\nlines"], ids=repr)
def test_refuses_a_kid_that_is_no_name(
    tmp_path: Path, machine: Machine, key: PrivateKey, kid: object
) -> None:
    jwk = {**key.public_jwk(), "kid": kid}

    with pytest.raises(CommandError, match="printable characters"):
        run("cc_client_key", "add", machine.client_id, "--jwk", write(tmp_path, jwk))


def test_refuses_a_file_that_is_not_there(machine: Machine) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("cc_client_key", "add", machine.client_id, "--jwk", "/nowhere/key.json")


def test_refuses_a_kid_twice_and_a_sixth_key(tmp_path: Path, machine: Machine) -> None:
    jwk = private_key().public_jwk()

    def add(kid: str, *more: str) -> None:
        file = write(tmp_path, {**jwk, "kid": kid})
        run("cc_client_key", "add", machine.client_id, "--jwk", file, *more)

    add("0")
    with pytest.raises(CommandError, match="has a key with the kid “0”"):
        add("0")
    for number in range(1, 5):
        add(str(number))
    with pytest.raises(CommandError, match="5 keys are live"):
        add("5")


def test_ends_a_key_in_time_and_lets_another_take_its_name(
    token_endpoint: TokenEndpoint, tmp_path: Path, key: PrivateKey, time_machine: Any
) -> None:
    client_id = create()["client_id"]
    add = ("cc_client_key", "add", client_id, "--jwk", write(tmp_path, key.public_jwk()))
    run(*add, "--expires-in", "1d")
    assert present(token_endpoint, signer(client_id, key)).status_code == 200

    time_machine.move_to(datetime.now(UTC) + timedelta(days=1, seconds=1))

    assert present(token_endpoint, signer(client_id, key)).status_code == 401
    assert "expired" in run("cc_client_key", "list", client_id)
    run(*add)
    assert present(token_endpoint, signer(client_id, key)).status_code == 200


def test_refuses_an_end_that_is_past(tmp_path: Path, machine: Machine, key: PrivateKey) -> None:
    file = write(tmp_path, key.public_jwk())

    with pytest.raises(CommandError, match="in the future"):
        run("cc_client_key", "add", machine.client_id, "--jwk", file, "--expires-in", "0")


def test_names_the_keys_there_are_for_one_that_is_not(machine: Machine) -> None:
    with pytest.raises(CommandError, match="by its kid: it has none"):
        run("cc_client_key", "remove", machine.client_id, "--kid", "x")


@pytest.fixture
def moving(tmp_path: Path, machine: Machine, key: PrivateKey) -> tuple[Machine, KeyMachine]:
    """A client with a secret that was given a key, in both its roles."""
    file = write(tmp_path, key.public_jwk())
    run("cc_client_key", "add", machine.client_id, "--jwk", file)
    return machine, signer(machine.client_id, key)


def which_work(endpoint: TokenEndpoint, moving: tuple[Machine, KeyMachine]) -> tuple[bool, bool]:
    by_secret = endpoint.post(authorization=moving[0].basic()).status_code == 200
    return by_secret, present(endpoint, moving[1]).status_code == 200


def test_moves_a_client_from_secret_to_key_without_an_outage(
    token_endpoint: TokenEndpoint, moving: tuple[Machine, KeyMachine], time_machine: Any
) -> None:
    client_id = moving[0].client_id
    seen = [which_work(token_endpoint, moving)]
    method = ("--auth-method", "private_key_jwt", "--keep-previous", "7d")
    printed = json.loads(run("cc_client", "update", client_id, *method, "--json"))
    seen.append(which_work(token_endpoint, moving))
    time_machine.move_to(datetime.now(UTC) + timedelta(days=7, seconds=1))
    seen.append(which_work(token_endpoint, moving))

    assert seen == [(True, False), (True, True), (False, True)]
    assert printed == {"client_id": client_id, "version": 2, "changed": ["authentication"]}
    [event] = AuditEvent.objects.filter(event="authentication_changed")
    assert event.detail.startswith("client_secret → private_key_jwt; client_secret ends 20")


def test_revives_no_secret_when_a_client_moves_back(
    token_endpoint: TokenEndpoint, moving: tuple[Machine, KeyMachine], time_machine: Any
) -> None:
    client_id = moving[0].client_id
    forth = ("cc_client", "update", client_id, "--auth-method", "private_key_jwt")
    back = ("cc_client", "update", client_id, "--auth-method", "client_secret")
    run(*forth, "--keep-previous", "7d")
    time_machine.move_to(datetime.now(UTC) + timedelta(days=8))

    with pytest.raises(CommandError, match="run cc_secret create first"):
        run(*back)
    run("cc_secret", "create", client_id)
    run(*back)

    assert which_work(token_endpoint, moving) == (False, False)


def test_ends_the_previous_method_at_once_without_a_date(
    token_endpoint: TokenEndpoint, moving: tuple[Machine, KeyMachine]
) -> None:
    update = ("cc_client", "update", moving[0].client_id, "--auth-method", "private_key_jwt")
    run(*update, "--keep-previous", "7d")
    assert which_work(token_endpoint, moving) == (True, True)

    run(*update)

    assert which_work(token_endpoint, moving) == (False, True)
    assert "Nothing to change" in run(*update)
    shown = show(moving[0].client_id)
    assert (shown["authentication"], shown["previous_authentication"]) == ("private_key_jwt", None)


WRONG_CHANGES = {
    "no key": (["--auth-method", "private_key_jwt"], "run cc_client_key add first"),
    "too long": (
        ["--auth-method", "private_key_jwt", "--keep-previous", "31d"],
        "at most 30 days",
    ),
    "no method": (["--keep-previous", "7d"], "goes with --auth-method"),
    "the same": (
        ["--auth-method", "client_secret", "--keep-previous", "7d"],
        "authenticates by client_secret already",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_CHANGES.values(), ids=WRONG_CHANGES)
def test_refuses_a_change_with_the_fix(
    machine: Machine, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run("cc_client", "update", machine.client_id, "--description", "New", *arguments)

    machine.row.refresh_from_db()
    assert machine.row.description == ""


def test_allows_and_forbids_the_token_endpoint_as_audience(token_endpoint: TokenEndpoint) -> None:
    one = register_with_key(key=new_key(SigningAlgorithm.ES256))
    statuses = []
    for option in ("--accept-endpoint-audience", "--no-accept-endpoint-audience"):
        run("cc_client", "update", one.client_id, option)
        assertion = one.assertion(aud="https://auth.example.com/oauth/token")
        statuses.append(present(token_endpoint, one, assertion).status_code)

    assert statuses == [200, 401]
    assert AuditEvent.objects.filter(detail="accepts_endpoint_audience: no → yes").exists()
