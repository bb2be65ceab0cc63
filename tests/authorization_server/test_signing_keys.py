"""The keys that sign tokens, and their private halves at rest."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction

from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError, encrypt
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.jwts import read_claims, read_header
from tests.machines import ACTOR, Machine, TokenEndpoint, read_json, register
from tests.signing_keys import is_accepted, kid_of, published, run, signer

pytestmark = pytest.mark.django_db


def set_keys(settings: Any, *keys: str) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": list(keys)}


def test_makes_a_current_and_a_next_key_however_often_it_is_asked() -> None:
    results = [ensure_signing_key(ACTOR) for _ in range(3)]

    assert [is_new for _key, is_new in results] == [True, False, False]
    assert sorted(key.state for key in SigningKey.objects.all()) == ["current", "next"]
    assert AuditEvent.objects.filter(event="signing_key_created").count() == 2


def test_has_the_database_refuse_a_second_current_key() -> None:
    key, _is_new = ensure_signing_key(ACTOR)
    key.pk, key.kid = None, "another"

    with pytest.raises(IntegrityError), transaction.atomic():
        key.save()


def test_answers_503_before_there_is_a_key(db: None) -> None:
    answer = TokenEndpoint().post(authorization=register().basic())

    assert (answer.status_code, read_json(answer)["error"]) == (503, "temporarily_unavailable")


def test_signs_on_after_the_encryption_key_was_rotated(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    old = settings.DJANGO_CC["KEY_ENCRYPTION_KEYS"][0]
    set_keys(settings, Fernet.generate_key().decode(), old)

    assert token_endpoint.access_token(machine)


BROKEN = {
    "wrong encryption key": [Fernet.generate_key().decode()],
    "none": [],
    "no Fernet key": ["short"],
}


@pytest.mark.parametrize("keys", BROKEN.values(), ids=BROKEN.keys())
def test_answers_503_when_it_cannot_decrypt(
    token_endpoint: TokenEndpoint,
    machine: Machine,
    settings: Any,
    keys: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_keys(settings, *keys)

    answer = token_endpoint.post(authorization=machine.basic())

    assert answer.status_code == 503
    assert "KEY_ENCRYPTION_KEYS" in caplog.text


@pytest.mark.parametrize("keys", [[], ["short"]], ids=["none", "no Fernet key"])
def test_makes_no_key_that_it_could_not_encrypt(settings: Any, keys: list[str]) -> None:
    set_keys(settings, *keys)

    with pytest.raises(EncryptionKeyError, match="KEY_ENCRYPTION_KEYS"):
        ensure_signing_key(ACTOR)

    assert not SigningKey.objects.exists()


def test_derives_an_encryption_key_for_debugging(settings: Any) -> None:
    settings.DEBUG = True
    set_keys(settings)
    ensure_signing_key(ACTOR)

    assert TokenEndpoint().access_token(register())


def test_answers_503_when_the_private_key_is_another_keys(
    token_endpoint: TokenEndpoint, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    other = encrypt(PrivateKey.generate(SigningAlgorithm.ES256).to_pem())
    SigningKey.objects.update(encrypted_private_key=other)

    answer = token_endpoint.post(authorization=machine.basic())

    assert answer.status_code == 503
    assert "another key" in caplog.text


BROKEN_JWKS: dict[str, Any] = {
    "no algorithm": {"kty": "EC"},
    "unknown algorithm": {"kty": "EC", "alg": "HS256"},
    "no key": {"kty": "EC", "alg": "ES256", "crv": "P-256"},
    "no object": ["kty"],
}


@pytest.mark.parametrize("jwk", BROKEN_JWKS.values(), ids=BROKEN_JWKS.keys())
def test_goes_on_with_the_other_keys_when_one_was_altered_by_hand(
    token_endpoint: TokenEndpoint, machine: Machine, jwk: Any
) -> None:
    SigningKey.objects.create(
        kid="broken", algorithm="ES256", public_jwk=jwk, encrypted_private_key=b"", state="retiring"
    )

    assert token_endpoint.access_token(machine)


def test_publishes_no_key_under_anothers_id(
    token_endpoint: TokenEndpoint, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    other = PrivateKey.generate(SigningAlgorithm.ES256)
    forged = {**other.public_jwk(), "kid": kid_of("next")}
    SigningKey.objects.filter(state="next").update(public_jwk=forged)

    assert published() == [kid_of("current")]
    assert f"{kid_of('next')} has no usable public JWK" in caplog.text


def test_accepts_no_token_of_a_key_that_was_put_in_the_place_of_ours(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    other = PrivateKey.generate(SigningAlgorithm.ES256)
    forged = other.sign(read_header(token), read_claims(token))
    SigningKey.objects.filter(state="current").update(public_jwk=other.public_jwk())

    assert not is_accepted(forged)


def test_does_not_load_a_retired_key(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    token = token_endpoint.access_token(machine)
    SigningKey.objects.filter(state="current").update(state="retired")

    assert published() == [kid_of("next")]
    assert not is_accepted(token)


def test_never_signs_with_a_retiring_key(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    SigningKey.objects.filter(state="current").update(state="retiring")

    assert token_endpoint.post(authorization=machine.basic()).status_code == 503


def test_sees_a_rotation_in_a_running_process(transactional_db: None) -> None:
    ensure_signing_key(ACTOR)
    endpoint, machine = TokenEndpoint(), register()
    token, before = endpoint.access_token(machine), signer(endpoint, machine)

    run("rotate", "--now")

    assert signer(endpoint, machine) == kid_of("current") != before
    assert is_accepted(token)
    run("compromise", "--all", "--reason", "leak")
    assert not is_accepted(token)
