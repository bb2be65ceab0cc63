"""Signing keys from the settings or from files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.test import Client as HTTPClient

from django_cc.authorization_server.settings import get_settings
from django_cc.models import SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.jwts import read_header
from tests.machines import Machine, TokenEndpoint, register
from tests.protocol.tokens import kid_of as kid_of_key
from tests.protocol.tokens import private_key
from tests.signing_keys import (
    configure,
    fetch_jwks,
    is_accepted,
    kid_of,
    published,
    run,
    run_for_json,
    signer,
    states,
)

pytestmark = pytest.mark.django_db

ES256, RS256, PS256, EDDSA = (
    SigningAlgorithm.ES256,
    SigningAlgorithm.RS256,
    SigningAlgorithm.PS256,
    SigningAlgorithm.EDDSA,
)


def pem(algorithm: SigningAlgorithm = ES256) -> str:
    return private_key(algorithm).to_pem().decode()


def kid(algorithm: SigningAlgorithm = ES256) -> str:
    return kid_of_key(private_key(algorithm))


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_signs_with_the_key_of_the_settings(
    db: None, machine: Machine, settings: Any, algorithm: SigningAlgorithm
) -> None:
    configure(settings, SIGNING_KEYS=[pem(algorithm)], SIGNING_ALGORITHM=algorithm.value)

    token = TokenEndpoint().access_token(machine)

    assert read_header(token)["alg"] == algorithm.value
    assert read_header(token)["kid"] == kid(algorithm)
    assert published() == [kid(algorithm)]
    assert is_accepted(token)


def test_reads_a_file_once(db: None, machine: Machine, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem())
    configure(settings, SIGNING_KEYS=[file])
    published()

    file.unlink()

    assert signer(TokenEndpoint(), machine) == kid()


def test_signs_with_the_first_key_that_fits_and_publishes_them_all(
    db: None, machine: Machine, settings: Any
) -> None:
    second = PrivateKey.generate(ES256)
    keys = [pem(EDDSA), ("RS256", pem(RS256)), pem(), second.to_pem().decode()]
    configure(settings, SIGNING_KEYS=keys)

    assert signer(TokenEndpoint(), machine) == kid()
    assert published() == [kid(EDDSA), kid(RS256), kid(), kid_of_key(second)]


def test_publishes_a_key_once_that_is_given_twice(
    signing_key: None, machine: Machine, settings: Any
) -> None:
    configure(settings, SIGNING_KEYS=[pem(), pem()])
    row = SigningKey.objects.get(state="next")
    row.kid, row.public_jwk = kid(), private_key().public_jwk()
    row.save()

    assert published() == [kid(), kid_of("current")]


def test_needs_no_encryption_key_and_no_row(db: None, settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem()], KEY_ENCRYPTION_KEYS=[])

    assert TokenEndpoint().access_token(register())
    assert not [m for m in run_checks() if str(m.id).startswith("django_cc")]


def test_goes_on_accepting_what_a_key_of_the_database_signed(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    token = token_endpoint.access_token(machine)

    configure(settings, SIGNING_KEYS=[pem()])

    assert is_accepted(token)
    assert signer(token_endpoint, machine) == kid()
    assert published() == [kid(), kid_of("current"), kid_of("next")]


def test_retires_the_keys_of_the_database_when_the_settings_have_taken_over(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    configure(settings, SIGNING_KEYS=[pem()])
    old = kid_of("current")

    run("retire", old)
    retiring = states()
    run("retire", old, "--force")

    assert (retiring, states()) == (["retiring", "next"], ["retired", "next"])


def test_says_how_to_change_keys_in_the_settings(signing_key: None, settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem()])

    for action in (
        ["rotate"],
        ["rotate", "--now"],
        ["rotate", "--if-due"],
        ["compromise", "--reason", "leak"],
    ):
        with pytest.raises(CommandError, match=r"add a new key behind the others.*NEXT_KEY_LEAD"):
            run(*action)

    assert states() == ["current", "next"]


def test_has_no_key_to_ensure(db: None, settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem()])

    printed = run("ensure")

    assert printed.startswith('The signing keys come from DJANGO_CC["SIGNING_KEYS"]')
    assert run_for_json("ensure") == {"source": "settings", "created": False}
    assert states() == []


def test_lists_keys_of_the_settings_first(signing_key: None, settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem(), pem(EDDSA)])

    listed = run_for_json("list")

    assert [(key["kid"], key["source"], key["signs"]) for key in listed] == [
        (kid(), "settings", True),
        (kid(EDDSA), "settings", False),
        (kid_of("next"), "database", False),
        (kid_of("current"), "database", False),
    ]
    assert f"{kid()}  ES256  settings  signs\n" in run("list")


def write(key: Any, *, password: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    raw: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    return raw.decode()


def public_pem() -> str:
    raw: bytes = (
        private_key()
        .key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return raw.decode()


UNUSABLE: dict[str, tuple[Any, str]] = {
    "empty": ("", "unencrypted private key"),
    "no PEM": ("/run/secrets/key.pem", "A file is given as pathlib.Path"),
    "not ASCII": ("schlüssel", "unencrypted private key"),
    "public": (public_pem(), "unencrypted private key"),
    "encrypted": (write(private_key().key, password=b"x"), "unencrypted private key"),
    "cut": (pem()[:100], "unencrypted private key"),
    "another curve": (write(ec.generate_private_key(ec.SECP384R1())), "EC P-256"),
    "short RSA": (("RS256", write(rsa.generate_private_key(65537, 1024))), "2048 bits"),
    "another kind than said": (("EdDSA", pem()), "unencrypted private key for EdDSA"),
    "RSA without its algorithm": (pem(RS256), r'\("RS256", key\), \("PS256", key\)'),
    "no such file": (Path("/nowhere/key.pem"), "nowhere/key.pem cannot be read"),
    "a folder": (Path("/"), "cannot be read"),
}


@pytest.mark.parametrize(("source", "words"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_signs_with_no_key_while_one_is_unusable(
    db: None,
    machine: Machine,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    source: Any,
    words: str,
) -> None:
    configure(settings, SIGNING_KEYS=[pem(EDDSA), pem(), source])

    answer = TokenEndpoint().post(authorization=machine.basic())

    [message] = [m for m in run_checks() if m.id == "django_cc.E007"]
    assert (answer.status_code, fetch_jwks().status_code) == (503, 503)
    assert "entry 3: " in message.msg
    assert message.msg in caplog.text
    assert re.search(words, message.msg)
    text = source[-1] if isinstance(source, tuple) else source
    assert not isinstance(text, str) or not text or text not in caplog.text + message.msg


def test_goes_on_verifying_with_the_other_keys_while_one_is_unusable(
    db: None, machine: Machine, settings: Any
) -> None:
    configure(settings, SIGNING_KEYS=[pem()])
    token = TokenEndpoint().access_token(machine)

    configure(settings, SIGNING_KEYS=["broken", pem()])

    assert is_accepted(token)


def test_needs_a_key_for_the_algorithm(db: None, machine: Machine, settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem(EDDSA)])

    answer = TokenEndpoint().post(authorization=machine.basic())

    [message] = [m for m in run_checks() if m.id == "django_cc.E007"]
    assert answer.status_code == 503
    assert message.msg == 'DJANGO_CC["SIGNING_KEYS"] holds no ES256 key to sign with.'
    assert not any(key["signs"] for key in run_for_json("list"))


@pytest.mark.parametrize(
    "value", [pem(), None, {"key": pem()}, [7], [("HS256", pem())], [("ES256", 7)], [(pem(),)]]
)
def test_refuses_another_shape_and_repeats_nothing_of_it(settings: Any, value: Any) -> None:
    configure(settings, SIGNING_KEYS=value)

    with pytest.raises(ImproperlyConfigured, match="SIGNING_KEYS") as raised:
        get_settings()

    assert "PRIVATE KEY" not in str(raised.value)


def test_shows_no_key_of_the_settings_in_their_representation(settings: Any) -> None:
    configure(settings, SIGNING_KEYS=[pem()])

    assert "PRIVATE KEY" not in repr(get_settings())
    assert settings.DJANGO_CC["KEY_ENCRYPTION_KEYS"][0] not in repr(get_settings())


def test_publishes_no_private_member_of_the_settings(db: None, settings: Any) -> None:
    keys = [pem(), pem(EDDSA), ("PS256", pem(PS256))]
    configure(settings, SIGNING_KEYS=keys)

    answer = HTTPClient().get("/oauth/jwks", secure=True)

    for key in json.loads(answer.content)["keys"]:
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
