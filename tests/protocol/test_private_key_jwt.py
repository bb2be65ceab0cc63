"""RFC 7523 §3: what a client assertion must be."""

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.client import (
    AuthenticationFamily,
    Client,
    PreviousFamily,
    StoredKey,
)
from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_authentication.private_key_jwt import ASSERTION_TYPE
from django_cc.protocol.errors import InvalidClient, InvalidRequest, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.jose import PrivateKey, PublicKey
from django_cc.protocol.names import KeyID, SigningAlgorithm
from tests.jwts import segment
from tests.protocol.clients import (
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    Directory,
    UsedOnce,
    make_client,
    make_rules,
)
from tests.protocol.tokens import private_key

SECONDS = int(NOW.timestamp())
KID = KeyID("first")
SIGNED = AuthenticationFamily.PRIVATE_KEY_JWT
SECOND = timedelta(seconds=1)


def stored_key(kid: str = KID, **more: Any) -> StoredKey:
    public = PublicKey.from_jwk(private_key().public_jwk())
    return replace(StoredKey(KeyID(kid), public, None), **more)


def make_signer(*keys: StoredKey, **more: Any) -> Client:
    held = keys or (stored_key(),)
    by_kid = {key.kid: key for key in held}
    return make_client(**{"secrets": (), "authentication": SIGNED, "keys": by_kid, **more})


SIGNER = make_signer()


def sign(
    header: dict[str, Any] | None = None, key: PrivateKey | None = None, **changes: Any
) -> str:
    claims = {
        "iss": "billing-sync",
        "sub": "billing-sync",
        "aud": ISSUER,
        "exp": SECONDS + 60,
        "jti": "one",
    } | changes
    present = {name: value for name, value in claims.items() if value is not None}
    return (key or private_key()).sign({"kid": KID} if header is None else header, present)


def authenticate(
    assertion: str, client: Client = SIGNER, used: UsedOnce | None = None, **parameters: str
) -> Client:
    form = {
        "client_assertion": assertion,
        "client_assertion_type": ASSERTION_TYPE,
        **parameters,
    }
    body = Form({name: [value] for name, value in form.items()})
    return authenticate_client(None, body, Directory(client), make_rules(used), now=NOW).client


def reason_of(assertion: str, client: Client = SIGNER) -> RefusalReason:
    used = UsedOnce()
    with pytest.raises(InvalidClient, match=r"^Client authentication failed\.$") as refusal:
        authenticate(assertion, client, used)
    assert not used.used
    return refusal.value.reason


GOOD: dict[str, tuple[str, Client]] = {
    "plain": (sign(), SIGNER),
    "no kid, one key": (sign({}), SIGNER),
    "one of two keys": (sign(), make_signer(stored_key("other"), stored_key())),
    "audience in a list": (sign(aud=[ISSUER]), SIGNER),
    "typed": (sign({"kid": KID, "typ": "client-authentication+jwt"}), SIGNER),
    "typed in full": (sign({"kid": KID, "typ": "Application/JWT"}), SIGNER),
    "expired within the leeway": (sign(exp=SECONDS - 29), SIGNER),
    "as long as allowed": (sign(exp=SECONDS + 330), SIGNER),
    "begins within the leeway": (sign(nbf=SECONDS + 30, iat=SECONDS + 30), SIGNER),
    "times with a fraction": (sign(exp=SECONDS + 0.5), SIGNER),
    "endpoint as audience": (
        sign(aud=TOKEN_ENDPOINT),
        make_signer(accepts_endpoint_audience=True),
    ),
    "key that ends later": (sign(), make_signer(stored_key(expires_at=NOW + SECOND))),
    "family it is leaving": (
        sign(),
        make_signer(
            authentication=AuthenticationFamily.CLIENT_SECRET,
            previous_authentication=PreviousFamily(SIGNED, NOW + SECOND),
        ),
    ),
    "key headers that nobody looks at": (
        sign({"kid": KID, "jku": "https://evil.example", "x5u": "https://evil.example"}),
        SIGNER,
    ),
}


@pytest.mark.rfc("7523", "3", "an assertion that keeps every rule authenticates the client")
@pytest.mark.parametrize(("assertion", "client"), GOOD.values(), ids=GOOD)
def test_accepts(assertion: str, client: Client) -> None:
    assert authenticate(assertion, client) is client


B, R = RefusalReason.BAD_ASSERTION, RefusalReason
OTHER = PrivateKey.generate(SigningAlgorithm.ES256)
RS = private_key(SigningAlgorithm.RS256)
EXPIRED_KEY = make_signer(stored_key(expires_at=NOW))
TWO = make_signer(stored_key("one"), stored_key("two"))
LEFT = make_signer(
    authentication=AuthenticationFamily.CLIENT_SECRET,
    previous_authentication=PreviousFamily(SIGNED, NOW),
)

REFUSED: dict[str, tuple[str, Client, RefusalReason]] = {
    "no JWT": ("x", SIGNER, B),
    "iss is another": (sign(iss="another"), SIGNER, B),
    "no sub": (sign(sub=None, iss=None), SIGNER, B),
    "sub is a list": (sign(sub=["billing-sync"], iss=["billing-sync"]), SIGNER, B),
    "unknown client": (sign(iss="nobody", sub="nobody"), SIGNER, R.UNKNOWN_CLIENT),
    "client with secrets": (sign(), make_client(), R.METHOD_NOT_ALLOWED),
    "family that was left": (sign(), LEFT, R.METHOD_NOT_ALLOWED),
    "at+jwt": (sign({"kid": KID, "typ": "at+jwt"}), SIGNER, B),
    "dpop+jwt": (sign({"kid": KID, "typ": "dpop+jwt"}), SIGNER, B),
    "typ is a number": (sign({"kid": KID, "typ": 7}), SIGNER, B),
    "unknown kid": (sign({"kid": "other"}), SIGNER, R.UNKNOWN_KEY),
    "kid is a number": (sign({"kid": 7}), SIGNER, R.UNKNOWN_KEY),
    "kid is null": (sign({"kid": None}), SIGNER, R.UNKNOWN_KEY),
    "no kid, two keys": (sign({}), TWO, R.UNKNOWN_KEY),
    "no kid, no key": (sign({}), make_signer(keys={}), R.UNKNOWN_KEY),
    "another's signature": (sign(key=OTHER), SIGNER, B),
    "another algorithm": (sign(key=RS), SIGNER, B),
    "alg none": (f"{segment({'kid': KID, 'alg': 'none'})}.{sign().split('.')[1]}.", SIGNER, B),
    "crit": (sign({"kid": KID, "crit": ["b64"]}), SIGNER, B),
    "expired key": (sign(), EXPIRED_KEY, R.EXPIRED_KEY),
    "expired key, wrong signature": (sign(key=OTHER), EXPIRED_KEY, B),
    "no aud": (sign(aud=None), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "two aud": (sign(aud=[ISSUER, "x"]), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "no aud in the list": (sign(aud=[]), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "a list in the list": (sign(aud=[[ISSUER]]), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "aud in capitals": (sign(aud=ISSUER.upper()), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "endpoint as aud": (sign(aud=TOKEN_ENDPOINT), SIGNER, R.WRONG_ASSERTION_AUDIENCE),
    "no exp": (sign(exp=None), SIGNER, B),
    "exp is text": (sign(exp="soon"), SIGNER, B),
    "exp is true": (sign(exp=True), SIGNER, B),
    "exp beyond the calendar": (sign(exp=10**300), SIGNER, B),
    "expired": (sign(exp=SECONDS - 30), SIGNER, R.EXPIRED_ASSERTION),
    "an hour behind": (sign(exp=SECONDS - 3600), SIGNER, R.EXPIRED_ASSERTION),
    "lives too long": (sign(exp=SECONDS + 331), SIGNER, R.ASSERTION_LIVES_TOO_LONG),
    "nbf ahead": (sign(nbf=SECONDS + 31), SIGNER, B),
    "iat ahead": (sign(iat=SECONDS + 31), SIGNER, B),
    "iat is text": (sign(iat="now"), SIGNER, B),
    "no jti": (sign(jti=None), SIGNER, B),
    "empty jti": (sign(jti=""), SIGNER, B),
    "jti is a number": (sign(jti=1), SIGNER, B),
    "jti too long": (sign(jti="x" * 256), SIGNER, B),
    "disabled client": (sign(), make_signer(enabled=False), R.CLIENT_DISABLED),
    "expired client": (sign(), make_signer(expires_at=NOW), R.CLIENT_EXPIRED),
}


@pytest.mark.rfc("7523", "3", "an assertion that breaks a rule is refused, in the same words")
@pytest.mark.parametrize(("assertion", "client", "reason"), REFUSED.values(), ids=REFUSED)
def test_refuses(assertion: str, client: Client, reason: RefusalReason) -> None:
    assert reason_of(assertion, client) is reason


@pytest.mark.rfc("7523", "3", "point 7: a jti is used once")
def test_refuses_a_second_use() -> None:
    used = UsedOnce()
    authenticate(sign(), used=used)

    with pytest.raises(InvalidClient) as refusal:
        authenticate(sign(exp=SECONDS + 90), used=used)

    assert refusal.value.reason is RefusalReason.REPLAYED_ASSERTION


@pytest.mark.rfc("7521", "4.2", "client_id MUST identify the same client")
def test_compares_the_client_id_of_the_body() -> None:
    assert authenticate(sign(), client_id="billing-sync") is SIGNER
    with pytest.raises(InvalidRequest, match="not the one that authenticates"):
        authenticate(sign(), client_id="another")


@pytest.mark.parametrize(
    ("assertion", "client_id"),
    [(sign(iss="nobody", sub="nobody"), None), (sign(jti=None), "billing-sync")],
    ids=["unknown", "known"],
)
def test_a_refusal_names_the_client_only_when_it_is_registered(
    assertion: str, client_id: str | None
) -> None:
    with pytest.raises(InvalidClient) as refusal:
        authenticate(assertion)

    assert refusal.value.client_id == client_id


ALGORITHMS = [private_key(algorithm) for algorithm in SigningAlgorithm]


@pytest.mark.rfc("6749", "5.2", "the same work for an unknown client, an unknown key and others")
@pytest.mark.parametrize("key", ALGORITHMS, ids=lambda key: key.algorithm.value)
@pytest.mark.parametrize("client", [SIGNER, TWO, make_client()], ids=["kid", "no such kid", "none"])
@pytest.mark.parametrize("name", ["billing-sync", "nobody"])
def test_verifies_one_signature_whoever_it_says_it_is(
    key: PrivateKey, client: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(key.key.public_key())
    implementation = type(jwt.get_algorithm_by_name(key.algorithm.value))
    verify, verified = implementation.verify, []

    def counting(self: Any, message: bytes, public: Any, signature: bytes) -> bool:
        verified.append(isinstance(public, kind))
        return bool(verify(self, message, public, signature))

    monkeypatch.setattr(implementation, "verify", counting)
    reason_of(sign(key=key, iss=name, sub=name, jti=None), client)

    assert verified == [True]


def test_a_key_of_nobody_opens_nothing() -> None:
    # The private half of the decoy is in RFC 7515 A.3.1 for everybody to use.
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }
    implementation = jwt.get_algorithm_by_name("ES256")
    decoy = PrivateKey(SigningAlgorithm.ES256, implementation.from_jwk(jwk))

    assert reason_of(sign({"kid": "other"}, decoy)) is RefusalReason.UNKNOWN_KEY
    assert reason_of(sign(None, decoy)) is RefusalReason.BAD_ASSERTION
    assert reason_of(sign(None, decoy), make_signer(stored_key(public_key=RS_PUBLIC))) is B


RS_PUBLIC = PublicKey.from_jwk(RS.public_jwk())


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["typ", "kid", "alg", "x"]), st.integers() | st.text()),
    st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]),
        st.none()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
        | st.lists(st.text()),
        min_size=1,
    ),
)
def test_any_signed_object_is_an_assertion_or_is_refused(
    header: dict[str, Any], changes: dict[str, Any]
) -> None:
    with contextlib.suppress(InvalidClient):
        assert authenticate(sign({"kid": KID, **header}, **changes)) is SIGNER


@settings(deadline=None)
@given(
    st.text()
    | st.lists(st.text(), min_size=3, max_size=3).map(".".join)
    | st.lists(st.binary().map(segment), min_size=3, max_size=3).map(".".join)
)
def test_any_text_authenticates_nobody_by_chance(assertion: str) -> None:
    with pytest.raises(InvalidClient):
        authenticate(assertion)


GOOD_ONE = sign()


@settings(deadline=None)
@given(st.integers(0, len(GOOD_ONE) - 1), st.characters(codec="utf-8"))
def test_no_character_of_an_assertion_can_be_changed(position: int, character: str) -> None:
    changed = GOOD_ONE[:position] + character + GOOD_ONE[position + 1 :]

    if changed == GOOD_ONE:
        assert authenticate(changed) is SIGNER
    else:
        with pytest.raises(InvalidClient):
            authenticate(changed)


@settings(deadline=None)
@given(
    token_id=st.text(min_size=1, max_size=255),
    lifetime=st.integers(1, 300),
    age=st.integers(0, 1000),
)
def test_whatever_keeps_the_rules_authenticates_once(
    token_id: str, lifetime: int, age: int
) -> None:
    used = UsedOnce()
    assertion = sign(jti=token_id, exp=SECONDS + lifetime, iat=SECONDS - age, nbf=SECONDS - age)

    assert authenticate(assertion, used=used) is SIGNER
    with pytest.raises(InvalidClient):
        authenticate(assertion, used=used)
