"""When a client's published keys are looked at, and what they are good for."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from django_cc.protocol.client import AuthenticatedClient, AuthenticationFamily, Client, StoredKey
from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_authentication.private_key_jwt import ASSERTION_TYPE
from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.jose import PrivateKey, PublicKey, UnverifiedJWS
from django_cc.protocol.names import KeyID, SigningAlgorithm
from tests.jwts import segment
from tests.protocol.clients import ISSUER, NOW, Directory, Published, make_client, make_rules
from tests.protocol.tokens import forge

KEY = PrivateKey.generate(SigningAlgorithm.ES256)
OTHER = PrivateKey.generate(SigningAlgorithm.ES256)


def store(key: PrivateKey, kid: str, **more: Any) -> StoredKey:
    return StoredKey(KeyID(kid), PublicKey(key.algorithm, key.key.public_key()), None, **more)


CLIENT = make_client(
    authentication=AuthenticationFamily.PRIVATE_KEY_JWT,
    jwks_uri="https://keys.example.com/",
    secrets=(),
)


def sign(key: PrivateKey = KEY, kid: str | None = "published", **changes: Any) -> str:
    claims = {
        "iss": "billing-sync",
        "sub": "billing-sync",
        "aud": ISSUER,
        "exp": int(NOW.timestamp()) + 60,
        "jti": "one",
    }
    return key.sign({} if kid is None else {"kid": kid}, claims | changes)


def authenticate(
    assertion: str, published: Published, client: Client = CLIENT
) -> AuthenticatedClient:
    form = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
    body = Form({name: [value] for name, value in form.items()})
    rules = make_rules(published=published)
    return authenticate_client(None, body, Directory(client), rules, now=NOW)


def reason_of(assertion: str, published: Published, client: Client = CLIENT) -> RefusalReason:
    with pytest.raises(InvalidClient, match=r"^Client authentication failed\.$") as refusal:
        authenticate(assertion, published, client)
    assert refusal.value.client_id == client.client_id
    return refusal.value.reason


def test_accepts_a_key_that_the_client_publishes() -> None:
    found = authenticate(sign(), Published(store(KEY, "published")))

    assert found.client is CLIENT
    assert found.credential.id == "published"


def test_accepts_the_only_one_without_its_name() -> None:
    found = authenticate(sign(kid=None), Published(store(KEY, "published")))

    assert found.credential.id == "published"


def test_prefers_a_registered_key_of_the_same_name() -> None:
    client = replace(CLIENT, keys={KeyID("published"): store(KEY, "published")})
    published = Published(store(OTHER, "published"))

    assert authenticate(sign(), published, client).client is client
    assert reason_of(sign(OTHER), published, client) is RefusalReason.BAD_ASSERTION
    assert published.asked == 0


def test_looks_beside_the_registered_keys_for_another_name() -> None:
    client = replace(CLIENT, keys={KeyID("registered"): store(OTHER, "registered")})

    assert authenticate(sign(), Published(store(KEY, "published")), client).client is client


def test_refuses_a_key_that_is_not_published() -> None:
    published = Published(store(KEY, "published"))

    assert reason_of(sign(kid="another"), published) is RefusalReason.UNKNOWN_KEY
    assert reason_of(sign(OTHER), published) is RefusalReason.BAD_ASSERTION


def test_says_to_the_log_alone_that_the_keys_cannot_be_had() -> None:
    assert reason_of(sign(), Published()) is RefusalReason.KEYS_UNAVAILABLE


OF_SECRETS = replace(CLIENT, authentication=AuthenticationFamily.CLIENT_SECRET)
HOPELESS: dict[str, tuple[str, Client, RefusalReason]] = {
    "another server": (sign(aud="x"), CLIENT, RefusalReason.WRONG_ASSERTION_AUDIENCE),
    "expired": (
        sign(exp=int((NOW - timedelta(minutes=1)).timestamp())),
        CLIENT,
        RefusalReason.EXPIRED_ASSERTION,
    ),
    "no token ID": (sign(jti=""), CLIENT, RefusalReason.BAD_ASSERTION),
    "disabled": (sign(), replace(CLIENT, enabled=False), RefusalReason.CLIENT_DISABLED),
    "ended": (sign(), replace(CLIENT, expires_at=NOW), RefusalReason.CLIENT_EXPIRED),
    "by secrets": (sign(), OF_SECRETS, RefusalReason.METHOD_NOT_ALLOWED),
    "no url": (sign(), replace(CLIENT, jwks_uri=""), RefusalReason.UNKNOWN_KEY),
}


@pytest.mark.parametrize("case", HOPELESS)
def test_asks_nobody_about_what_is_refused_whoever_signed_it(case: str) -> None:
    assertion, client, reason = HOPELESS[case]
    published = Published(store(KEY, "published"))

    assert reason_of(assertion, published, client) is reason
    assert published.asked == 0


@pytest.mark.parametrize("alg", ["HS256", "none", None, ["ES256"], {"ES256": 1}, 7], ids=repr)
def test_asks_nobody_about_an_algorithm_that_is_nobodys(alg: object) -> None:
    header, payload = segment({"alg": alg, "kid": "published"}), sign().split(".")[1]
    published = Published(store(KEY, "published"))

    assert reason_of(f"{header}.{payload}.AAAA", published) is RefusalReason.BAD_ASSERTION
    assert published.asked == 0


@pytest.mark.rfc("9864", "2.2", "Ed25519 names EdDSA with that curve")
def test_finds_a_published_key_for_the_newer_name_of_its_algorithm() -> None:
    key = PrivateKey.generate(SigningAlgorithm.EDDSA)
    header = json.dumps({"kid": "published", "alg": "Ed25519"})
    payload = json.dumps(UnverifiedJWS.parse(sign()).payload)

    assertion = forge(header, payload, key)

    assert authenticate(assertion, Published(store(key, "published"))).client is CLIENT
