"""Threat: a client assertion that was forged, stolen, or meant for something else."""

import base64
import hashlib
import hmac
import json
import time
from itertools import permutations
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.db import transaction

from django_cc.authorization_server.clients.secrets import create_secret, default_expiry
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import AuditEvent, MachineClient, UsedAssertion
from django_cc.protocol.jose import PrivateKey
from tests.assertions import KeyMachine, new_key, present, register_with_key
from tests.jwts import segment
from tests.machines import (
    ACTOR,
    INTROSPECTION_URL,
    REVOCATION_URL,
    TOKEN_URL,
    Machine,
    TokenEndpoint,
    encode,
    read_json,
)
from tests.projects.combined import ISSUER

pytestmark = pytest.mark.django_db

HOUR = 3600
TWO_NAMES = b'{"alg":"ES256","alg":"none"}'


@pytest.fixture
def victim(db: None) -> KeyMachine:
    """The client that the attacker wants to be."""
    return register_with_key("Victim", key=new_key())


@pytest.fixture
def attacker(db: None) -> KeyMachine:
    """A registered client with a key of its own."""
    return register_with_key("Attacker", key=new_key())


def unsigned(victim: KeyMachine, **header: Any) -> str:
    return f"{segment({'kid': victim.jwk['kid'], **header})}.{segment(victim.claims())}."


def hmac_with_the_public_key(victim: KeyMachine) -> str:
    pem = victim.key.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = unsigned(victim, alg="HS256").removesuffix(".")
    return f"{signed}.{segment(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def signed_by(key: PrivateKey, victim: KeyMachine, **header: Any) -> str:
    return key.sign({"kid": victim.jwk["kid"], **header}, victim.claims())


def forge(victim: KeyMachine, attacker: KeyMachine) -> dict[str, str]:
    """Return every forgery, by what is wrong with it."""
    own = attacker.key
    public = {"jwk": attacker.jwk}
    elsewhere = "https://evil.example/keys.json"
    good = victim.assertion()
    now = int(time.time())
    return {
        "alg none": unsigned(victim, alg="none"),
        "alg None": unsigned(victim, alg="None"),
        "no alg": unsigned(victim),
        "alg is a list": unsigned(victim, alg=["ES256"]),
        "signature left out": good.rpartition(".")[0] + ".",
        "HS256 with the public key": hmac_with_the_public_key(victim),
        "another client's key": signed_by(own, victim),
        "another client's key and kid": signed_by(own, victim, kid=attacker.jwk["kid"]),
        "its own key in the header": signed_by(own, victim, **public),
        "its own key in the header, no kid": own.sign(public, victim.claims()),
        "a jku": signed_by(own, victim, jku=elsewhere),
        "an x5u": signed_by(own, victim, x5u=elsewhere),
        "a kid that is a path": victim.assertion(header={"kid": "../../../../dev/null"}),
        "a kid that is SQL": victim.assertion(header={"kid": "x' UNION SELECT 'key"}),
        "a kid of another type": victim.assertion(header={"kid": {"$ne": None}}),
        "an extension that is critical": victim.assertion(header={"crit": ["exp"]}),
        "an unencoded payload": victim.assertion(header={"b64": False, "crit": ["b64"]}),
        "an access token's type": victim.assertion(header={"typ": "at+jwt"}),
        "a proof's type": victim.assertion(header={"typ": "dpop+jwt"}),
        "a foreign audience": victim.assertion(aud="https://elsewhere.example"),
        "two audiences": victim.assertion(aud=[ISSUER, "https://elsewhere.example"]),
        "a clock an hour behind": victim.assertion(iat=now - HOUR, exp=now - HOUR + 60),
        "a clock an hour ahead": victim.assertion(iat=now + HOUR, exp=now + HOUR + 60),
        "for ever": victim.assertion(exp=2**40),
        "beyond the calendar": victim.assertion(exp=10**30),
        "infinite": infinite(victim),
        "its own issuer": attacker.assertion(sub=victim.client_id),
        "the victim as issuer": attacker.assertion(iss=victim.client_id),
        "another's claims under a good signature": swap_payload(good, attacker),
        "encrypted": ".".join([segment({"alg": "RSA-OAEP", "enc": "A256GCM"}), *"abcd"]),
        "encrypted and compressed": ".".join([segment({"alg": "dir", "zip": "DEF"}), *"abcd"]),
        "an x5c": signed_by(own, victim, x5c=["AAAA"]),
        "a kid with a NUL": victim.assertion(header={"kid": "\0"}),
        "a kid with half a character": victim.assertion(header={"kid": "\ud800"}),
        "an issuer that is a list": victim.assertion(iss=[victim.client_id]),
        "a subject that is an object": victim.assertion(sub={}, iss={}),
        "a subject with half a character": victim.assertion(sub="\ud800", iss="\ud800"),
        "a subject with a NUL": victim.assertion(sub="\0", iss="\0"),
        "a jti that is a list": victim.assertion(jti=["x"]),
        "a jti without end": victim.assertion(jti="x" * 300),
        "an exp that is text": victim.assertion(exp=str(now + 60)),
        "an exp that is true": victim.assertion(exp=True),
        "an nbf that is an object": victim.assertion(nbf={}),
        "nested in a claim": victim.assertion(more=json.loads("[" * 900 + "]" * 900)) + "x",
        "deeply nested": f"{segment(b'[' * 9000)}.{segment({})}.",
        "no JSON": f"{segment(b'{')}.{segment({})}.",
        "a name twice": f"{segment(TWO_NAMES)}.{segment(victim.claims())}.",
        "not ASCII": "é.é.é",
        "long": victim.assertion(other="x" * 20_000),
    }


def infinite(victim: KeyMachine) -> str:
    # JSON has no Infinity, but this number is one to those who read it.
    payload = json.dumps(victim.claims(exp=7)).replace('"exp": 7', '"exp": 1e400')
    signed = f"{segment({'kid': victim.jwk['kid'], 'alg': 'ES256'})}.{segment(payload.encode())}"
    signature = jwt.get_algorithm_by_name("ES256").sign(signed.encode(), victim.key.key)
    return f"{signed}.{segment(signature)}"


def swap_payload(good: str, attacker: KeyMachine) -> str:
    header, _, signature = good.split(".")
    return f"{header}.{segment(attacker.claims())}.{signature}"


@pytest.mark.rfc("7515", "4.1.2", "jku, jwk and x5u of an assertion are never looked at")
@pytest.mark.rfc("7523bis", "4", "A typ of another kind of JWT MUST be refused")
@pytest.mark.rfc("7521", "4.2.1", "A bad assertion is invalid_client")
@pytest.mark.parametrize("url", [TOKEN_URL, INTROSPECTION_URL, REVOCATION_URL])
@pytest.mark.rfc("7523", "3", "points 1 to 10: nothing but the client's own key makes an assertion")
def test_refuses_every_forgery_in_the_same_words(
    token_endpoint: TokenEndpoint, victim: KeyMachine, attacker: KeyMachine, url: str
) -> None:
    answers: dict[str, tuple[int, str, str, tuple[str, ...]]] = {}
    for name, forged in forge(victim, attacker).items():
        answer = token_endpoint.post(victim.body(forged, token="x"), path=url)
        document = read_json(answer)
        words = document["error_description"].partition(" (reference")[0]
        answers[name] = answer.status_code, document["error"], words, tuple(sorted(answer.headers))

    [expected] = set(answers.values())
    assert expected[:3] == (401, "invalid_client", "Client authentication failed.")
    assert not UsedAssertion.objects.exists()


def test_refuses_every_forgery_where_the_victim_publishes_its_keys(
    token_endpoint: TokenEndpoint, victim: KeyMachine, attacker: KeyMachine
) -> None:
    # Nothing listens there, and an address of this machine is never asked.
    with transaction.atomic():
        victim.row.keys.all().delete()
        rows = MachineClient.objects.filter(pk=victim.row.pk)
        rows.update(jwks_uri="https://127.0.0.1:1/keys")
        publish(victim.row)

    for name, forged in forge(victim, attacker).items():
        answer = present(token_endpoint, victim, forged)

        assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client"), name


def test_gives_an_unknown_client_the_same_answer(
    token_endpoint: TokenEndpoint, victim: KeyMachine, machine: Machine
) -> None:
    answers = set()
    for client_id in ("nobody", victim.client_id, machine.client_id):
        assertion = new_key().sign({"kid": "x"}, victim.claims(iss=client_id, sub=client_id))
        answer = present(token_endpoint, victim, assertion)
        document = read_json(answer)
        words = document["error_description"].partition(" (reference")[0]
        answers.add((answer.status_code, document["error"], words, answer["WWW-Authenticate"]))

    assert len(answers) == 1


@pytest.mark.rfc("6749", "5.2", "invalid_request: otherwise malformed")
def test_refuses_a_megabyte_before_it_reads_it(
    token_endpoint: TokenEndpoint, victim: KeyMachine
) -> None:
    answer = present(token_endpoint, victim, "x" * 1024 * 1024)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


def test_refuses_a_stolen_assertion_after_its_use(
    token_endpoint: TokenEndpoint, victim: KeyMachine
) -> None:
    stolen = victim.assertion()
    present(token_endpoint, victim, stolen)

    answers = [present(token_endpoint, victim, stolen).status_code for _ in range(3)]

    assert answers == [401, 401, 401]


@pytest.mark.rfc("7523", "3", "point 7: a jti is used once")
def test_refuses_an_assertion_of_one_endpoint_at_the_others(
    token_endpoint: TokenEndpoint, victim: KeyMachine
) -> None:
    for first, *others in permutations([TOKEN_URL, INTROSPECTION_URL, REVOCATION_URL]):
        body = victim.body(token="x")
        assert token_endpoint.post(body, path=first).status_code == 200

        assert [token_endpoint.post(body, path=url).status_code for url in others] == [401, 401]


def test_refuses_a_stolen_assertion_that_was_written_another_way(
    token_endpoint: TokenEndpoint, victim: KeyMachine
) -> None:
    # The jti decides, not the text: an ECDSA signature has a twin that verifies too.
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    stolen = victim.assertion()
    present(token_endpoint, victim, stolen)
    signed, _, signature = stolen.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    twin = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)

    assert present(token_endpoint, victim, f"{signed}.{segment(twin)}").status_code == 401


def test_refuses_a_secret_and_an_assertion_together(
    token_endpoint: TokenEndpoint, victim: KeyMachine, machine: Machine
) -> None:
    both = [
        token_endpoint.post(victim.body(), authorization=machine.basic()),
        token_endpoint.post(victim.body(client_secret=machine.client_secret)),
    ]

    assert [(one.status_code, read_json(one)["error"]) for one in both] == [
        (400, "invalid_request")
    ] * 2


@pytest.mark.rfc("6749", "2.3.2", "One authentication method for each client, no downgrade")
def test_refuses_a_secret_that_was_left_lying_about(token_endpoint: TokenEndpoint) -> None:
    victim = register_with_key("Moved", key=new_key())
    new = create_secret(victim.row, ACTOR, expires_at=default_expiry())
    form = {"client_id": victim.client_id, "client_secret": new.secret.reveal()}

    answer = token_endpoint.post(encode({"grant_type": "client_credentials", **form}))

    assert answer.status_code == 401


def test_refuses_an_assertion_in_the_query(
    token_endpoint: TokenEndpoint, victim: KeyMachine
) -> None:
    answer = token_endpoint.post(path=f"/oauth/token?{victim.body()}")

    assert answer.status_code == 400
    assert not UsedAssertion.objects.exists()


def test_keeps_nothing_of_an_assertion(
    token_endpoint: TokenEndpoint,
    victim: KeyMachine,
    attacker: KeyMachine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good, forged = victim.assertion(jti="one-of-a-kind"), signed_by(attacker.key, victim)
    with caplog.at_level("DEBUG", "django_cc"):
        for assertion in (good, good, forged):
            present(token_endpoint, victim, assertion)

    told = caplog.text + str(list(AuditEvent.objects.values())) + UsedAssertion.objects.get().digest
    for part in (*good.split("."), *forged.split("."), "one-of-a-kind"):
        assert part not in told
