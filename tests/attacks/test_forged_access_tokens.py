"""Threat: an access token that was forged, or that says what no token of ours would say.

The worst of them are signed by the server's own key, as if the attacker had found a way to have
anything signed. Each comes in at every door through which a token gets in.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from django_cc.authorization_server.signing_keys.key_ring import find_signing_key
from django_cc.authorization_server.snapshot.freshness import get_snapshot_for_issuing
from django_cc.models import RevokedToken
from django_cc.protocol.jose import PrivateKey
from tests.assertions import KeyMachine, new_key, register_with_key
from tests.jwts import read_claims, segment
from tests.machines import (
    INTROSPECTION_URL,
    REVOCATION_URL,
    Machine,
    TokenEndpoint,
    ask_endpoint,
    call,
    introspect,
    read_json,
    register,
)
from tests.projects.combined import ISSUER, ORDERS_API

pytestmark = pytest.mark.django_db

HOUR = 3600


class Forger:
    """Has the server's signing key, and writes what he likes."""

    def __init__(self, good: str) -> None:
        self.kid, self.key = find_signing_key(get_snapshot_for_issuing())
        self.claims = read_claims(good)

    def sign(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Sign the good claims with changes; None leaves a claim out."""
        claims = {
            name: value for name, value in (self.claims | changes).items() if value is not None
        }
        return self.sign_text(json.dumps(claims), header)

    def sign_text(self, payload: str, header: dict[str, Any] | str | None = None) -> str:
        """Sign any text under any header."""
        good = {"typ": "at+jwt", "alg": self.key.algorithm.value, "kid": self.kid}
        text = header if isinstance(header, str) else json.dumps({**good, **(header or {})})
        signed = f"{segment(text.encode())}.{segment(payload.encode())}"
        signature = jwt.get_algorithm_by_name("ES256").sign(signed.encode(), self.key.key)
        return f"{signed}.{segment(signature)}"

    def hmac_with_the_public_key(self) -> str:
        public = self.key.key.public_key()
        pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        header = {"typ": "at+jwt", "alg": "HS256", "kid": self.kid}
        signed = f"{segment(header)}.{segment(self.claims)}"
        return f"{signed}.{segment(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def by_another_key(forger: Forger, attacker: PrivateKey, **header: Any) -> str:
    return attacker.sign({"typ": "at+jwt", "kid": forger.kid, **header}, forger.claims)


def forge(forger: Forger, attacker: PrivateKey) -> dict[str, str]:
    """Return every forgery, by what is wrong with it."""
    now = int(time.time())
    good = forger.sign()
    header, payload, signature = good.split(".")
    own = attacker.public_jwk()
    encrypted = {"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"}
    bomb = '{"a":' * 1_500 + "1" + "}" * 1_500
    return {
        "alg none": f"{segment({'typ': 'at+jwt', 'alg': 'none', 'kid': forger.kid})}.{payload}.",
        "no signature": f"{header}.{payload}.",
        "HS256 with the public key": forger.hmac_with_the_public_key(),
        "another key": by_another_key(forger, attacker),
        "its own key in the header": by_another_key(forger, attacker, jwk=own),
        "its own key and kid": by_another_key(forger, attacker, jwk=own, kid=own["kid"]),
        "a jku": by_another_key(forger, attacker, jku="https://evil.example/jwks"),
        "an x5u": by_another_key(forger, attacker, x5u="https://evil.example/x5u"),
        "an x5c": by_another_key(forger, attacker, x5c=["AAAA"]),
        "a critical extension": forger.sign({"crit": ["exp"]}),
        "an unencoded payload": forger.sign({"crit": ["b64"], "b64": False}),
        "a kid that is a path": forger.sign({"kid": "../../../../dev/null"}),
        "a kid that is SQL": forger.sign({"kid": "' OR 1=1 --"}),
        "a kid with a NUL": forger.sign({"kid": "\0"}),
        "a kid with half a character": forger.sign({"kid": "\ud800"}),
        "a kid that is an object": forger.sign({"kid": {"$ne": None}}),
        "no kid": forger.sign_text(json.dumps(forger.claims), '{"typ":"at+jwt","alg":"ES256"}'),
        "no typ": forger.sign({"typ": None}),
        "an assertion's typ": forger.sign({"typ": "client-authentication+jwt"}),
        "an ID token's typ": forger.sign({"typ": "JWT"}),
        "a typ that is a list": forger.sign({"typ": ["at+jwt"]}),
        "encrypted": ".".join(
            [segment({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"}), *"abcd"]
        ),
        "encrypted, in three parts": f"{segment(encrypted)}.{payload}.{signature}",
        "a bomb of JSON": forger.sign_text(bomb),
        "a bomb of lists": forger.sign_text("[" * 5_000 + "]" * 5_000),
        "a bomb in a claim": forger.sign_text(f'{{"iss":"{ISSUER}","scope":{bomb}}}'),
        "a header twice": forger.sign_text(payload, '{"typ":"at+jwt","alg":"ES256","alg":"none"}'),
        "a claim twice": forger.sign_text(f'{{"iss":"{ISSUER}","iss":"{ISSUER}"}}'),
        "no JSON": forger.sign_text("{"),
        "no object": forger.sign_text("[]"),
        "NaN": forger.sign_text('{"exp":NaN}'),
        "digits without end": forger.sign_text('{"exp":' + "9" * 5000 + "}"),
        "a huge exp": forger.sign(exp=10**300),
        "an infinite exp": forger.sign_text(json.dumps(forger.claims)[:-1] + ',"nbf":1e999}'),
        "exp beyond the calendar": forger.sign(exp=10**15),
        "exp is text": forger.sign(exp="9999999999"),
        "exp is true": forger.sign(exp=True),
        "exp is a list": forger.sign(exp=[9999999999]),
        "no exp": forger.sign(exp=None),
        "no iat": forger.sign(iat=None),
        "no jti": forger.sign(jti=None),
        "no sub": forger.sign(sub=None),
        "no aud": forger.sign(aud=None),
        "no client_id": forger.sign(client_id=None),
        "a jti that is an object": forger.sign(jti={}),
        "a client_id that is a list": forger.sign(client_id=["x"]),
        "a client_id of nobody": forger.sign(client_id="nobody"),
        "a client_id with half a character": forger.sign(client_id="\ud800"),
        "a client_id with a NUL": forger.sign(client_id="\0"),
        "a scope that is a list": forger.sign(scope=["client:read"]),
        "a scope outside the grammar": forger.sign(scope='client:read "'),
        "a scope that was never granted": forger.sign(scope="client:read admin"),
        "two audiences": forger.sign(aud=[ISSUER, ORDERS_API]),
        "an aud that is an object": forger.sign(aud={ISSUER: True}),
        "another issuer": forger.sign(iss="https://evil.example"),
        "an issuer in capitals": forger.sign(iss=ISSUER.upper()),
        "another generation": forger.sign(client_generation=forger.claims["client_generation"] + 1),
        "a generation that is true": forger.sign(client_generation=True),
        "a generation that is text": forger.sign(client_generation="1"),
        "no generation": forger.sign(client_generation=None),
        "bound to a key": forger.sign(cnf={"jkt": "x"}),
        "a clock an hour behind": forger.sign(iat=now - HOUR, exp=now - HOUR + 600),
        "a clock an hour ahead": forger.sign(iat=now + HOUR, exp=now + HOUR + 600),
        "not before an hour": forger.sign(nbf=now + HOUR),
        "cut": good[:-3],
        "with a fourth part": f"{good}.AAAA",
        "empty parts": "..",
        "20,000 characters": forger.sign(more="x" * 20_000),
    }


@pytest.fixture
def victim(token_endpoint: TokenEndpoint) -> Machine:
    return register("Victim", ["orders:read", "introspection"])


@pytest.fixture
def own_token(token_endpoint: TokenEndpoint, victim: Machine) -> str:
    """A token that opens every door."""
    return token_endpoint.access_token(victim, resource=ISSUER)


@pytest.fixture
def forgeries(own_token: str) -> dict[str, str]:
    return forge(Forger(own_token), new_key())


def test_the_forger_can_sign_what_is_good(own_token: str) -> None:
    same = Forger(own_token).sign()

    assert call("/oauth/client", token=same, secure=True).status_code == 200


def read_client(token: str) -> Any:
    return call("/oauth/client", token=token, secure=True)


def introspect_by(token: str) -> Any:
    return ask_endpoint(INTROSPECTION_URL, bearer=token, token="x")


@pytest.mark.rfc("9068", "4", "typ, iss, aud, signature and exp are checked")
@pytest.mark.parametrize("ask", [read_client, introspect_by], ids=lambda ask: ask.__name__)
def test_opens_no_door(forgeries: dict[str, str], ask: Callable[[str], Any]) -> None:
    for name, forged in forgeries.items():
        answer = ask(forged)

        assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_token"), name
        assert answer["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_token"')
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.rfc("6750", "3.1", "invalid_token: 401")
def test_opens_no_api(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    forger = Forger(token_endpoint.access_token(machine))
    assert call(token=forger.sign()).status_code == 200

    for name, forged in forge(forger, new_key()).items():
        answer = call(token=forged)

        assert answer.status_code == 401, name
        assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("7662", "2.2", "inactive is {active: false} and SHOULD NOT say more")
def test_is_inactive(victim: Machine, forgeries: dict[str, str]) -> None:
    told = {name: introspect(victim, forged) for name, forged in forgeries.items()}

    assert {name: one for name, one in told.items() if one != {"active": False}} == {}


# They are signed, of the client, and not expired: to be revoked is all the same to them.
LIVES_AS_FAR_AS_REVOCATION_KNOWS = {
    "a scope that was never granted",
    "another generation",
    "no generation",
}


@pytest.mark.rfc("7009", "2.2", "invalid tokens do not cause an error response")
def test_revokes_nothing(victim: Machine, forgeries: dict[str, str]) -> None:
    for name, forged in forgeries.items():
        if name in LIVES_AS_FAR_AS_REVOCATION_KNOWS:
            continue
        answer = ask_endpoint(REVOCATION_URL, victim, token=forged)

        assert (answer.status_code, answer.content) == (200, b""), name
        assert not RevokedToken.objects.exists(), name


@pytest.mark.rfc("7009", "2.2", "invalid tokens do not cause an error response")
@pytest.mark.parametrize("token_id", ["\0", "\ud800", "x" * 65, "a b", "' OR 1=1 --"], ids=ascii)
def test_stores_no_id_that_is_none_of_ours(victim: Machine, own_token: str, token_id: str) -> None:
    forged = Forger(own_token).sign(jti=token_id)

    assert ask_endpoint(REVOCATION_URL, victim, token=forged).status_code == 200
    assert not RevokedToken.objects.exists()


@pytest.fixture
def signer(token_endpoint: TokenEndpoint) -> KeyMachine:
    return register_with_key("Signer", key=new_key(), scopes=["introspection"])


@pytest.mark.rfc("9068", "4", "MUST reject a token with any other typ")
def test_takes_no_assertion_for_an_access_token(signer: KeyMachine) -> None:
    good, typed = signer.assertion(), signer.assertion(header={"typ": "at+jwt"})
    issued = signer.assertion(header={"typ": "at+jwt"}, iss=ISSUER, client_id=signer.client_id)

    for token in (good, typed, issued):
        assert [ask(token).status_code for ask in (read_client, introspect_by)] == [401, 401]


@pytest.mark.rfc("7523", "3", "points 1 to 10: nothing but the client's own key makes an assertion")
def test_takes_no_access_token_for_an_assertion(
    token_endpoint: TokenEndpoint, signer: KeyMachine
) -> None:
    token = read_json(token_endpoint.post(signer.body(resource=ISSUER)))["access_token"]
    forger = Forger(token)
    as_assertion: Any = {"iss": signer.client_id, "aud": ISSUER}

    for one in (token, forger.sign(**as_assertion), forger.sign({"typ": "JWT"}, **as_assertion)):
        answer = token_endpoint.post(signer.body(one))

        assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")


def test_takes_neither_a_token_nor_an_id_for_a_secret(
    token_endpoint: TokenEndpoint, victim: Machine, own_token: str
) -> None:
    for secret in (own_token, victim.client_id, victim.row.secrets.get().digest):
        answer = ask_endpoint(
            INTROSPECTION_URL, client_id=victim.client_id, client_secret=secret, token="x"
        )

        assert answer.status_code == 401
    assert read_client(victim.client_secret).status_code == 401
