"""RFC 7515 §5.2: which signatures vouch for a token."""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.jose import InvalidJWS, PrivateKey, UnverifiedJWS
from django_cc.protocol.names import KeyID, SigningAlgorithm
from tests.protocol.tokens import forge, header_of, kid_of, private_key, published, segment

PAYLOAD = {"iss": "https://auth.example.com", "text": "é\u2028😀", "list": [1, {"a": None}]}


def signed(key: PrivateKey) -> str:
    return key.sign({"kid": kid_of(key)}, PAYLOAD)


def verify(token: str, *keys: PrivateKey) -> dict[str, object]:
    payload: dict[str, object] = UnverifiedJWS.parse(token).verify(
        published(*(keys or (private_key(),)))
    )
    return payload


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_what_a_key_signs_its_public_half_verifies(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    assert verify(signed(key), key) == PAYLOAD


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_states_its_algorithm_whatever_the_header_given_says(algorithm: SigningAlgorithm) -> None:
    token = private_key(algorithm).sign({"alg": "none", "typ": "at+jwt"}, {})

    assert UnverifiedJWS.parse(token).header == {"alg": algorithm.value, "typ": "at+jwt"}


def test_the_key_id_chooses_among_several_keys() -> None:
    keys = [private_key(algorithm) for algorithm in SigningAlgorithm]

    assert [verify(signed(key), *keys) for key in keys] == [PAYLOAD] * len(keys)


@pytest.mark.rfc("7515", "5.2", "a changed header, payload or signature MUST be rejected")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
@pytest.mark.parametrize("place", [0, 1], ids=["header", "payload"])
def test_refuses_a_changed_segment(algorithm: SigningAlgorithm, place: int) -> None:
    key = private_key(algorithm)
    segments = signed(key).split(".")
    parsed = UnverifiedJWS.parse(".".join(segments))
    changed = {**(parsed.header, parsed.payload)[place], "more": 1}
    segments[place] = segment(json.dumps(changed))

    with pytest.raises(InvalidJWS, match="wrong signature"):
        verify(".".join(segments), key)


SIGNATURES = {"empty": b"", "one byte": b"\0", "zeros": b"\0" * 64, "long": b"\xff" * 1024}


@pytest.mark.rfc("7515", "5.2", "the JWS Signature MUST be validated")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES)
def test_refuses_a_made_up_signature(algorithm: SigningAlgorithm, signature: bytes) -> None:
    key = private_key(algorithm)
    signed_part = signed(key).rpartition(".")[0]

    with pytest.raises(InvalidJWS, match="wrong signature"):
        verify(f"{signed_part}.{segment(signature)}", key)


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_refuses_the_signature_of_another_key_under_the_same_id(
    algorithm: SigningAlgorithm,
) -> None:
    token = PrivateKey.generate(algorithm).sign({"kid": kid_of(private_key(algorithm))}, PAYLOAD)

    with pytest.raises(InvalidJWS, match="wrong signature"):
        verify(token, private_key(algorithm))


KEY_IDS: dict[str, object] = {
    "missing": None,
    "unknown": "unknown",
    "empty": "",
    "a number": 1,
    "true": True,
    "a list": ["a"],
    "an object": {"a": "b"},
    "a surrogate": "\ud800",
    "a path": "../../dev/null",
}


@pytest.mark.rfc("7515", "4.1.4", "kid is a case-sensitive string that names the key")
@pytest.mark.parametrize("kid", KEY_IDS.values(), ids=KEY_IDS)
def test_refuses_a_key_id_that_names_no_key(kid: object) -> None:
    with pytest.raises(InvalidJWS, match="unknown key"):
        verify(forge(header_of(kid=kid), "{}"))


def test_refuses_a_key_id_in_another_case() -> None:
    with pytest.raises(InvalidJWS, match="unknown key"):
        verify(forge(header_of(kid=kid_of(private_key()).swapcase()), "{}"))


@pytest.mark.rfc("7515", "4.1.3", "jwk, 4.1.2 jku, 4.1.5 x5u: never looked at")
def test_a_key_inside_the_token_is_never_used() -> None:
    stranger = PrivateKey.generate(SigningAlgorithm.ES256)
    header = header_of(stranger, kid=kid_of(private_key()), jwk=stranger.public_jwk())

    with pytest.raises(InvalidJWS, match="wrong signature"):
        verify(forge(header, "{}", stranger))


ALGORITHMS: dict[str, object] = {
    "missing": None,
    "none": "none",
    "None": "None",
    "lower case": "es256",
    "HS256": "HS256",
    "of another key": "RS256",
    "ES384": "ES384",
    "a list": ["ES256"],
    "a number": 1,
    "a space after it": "ES256 ",
}


@pytest.mark.rfc("7515", "4.1.1", "alg MUST be one that is used with the key")
@pytest.mark.parametrize("alg", ALGORITHMS.values(), ids=ALGORITHMS)
def test_refuses_an_algorithm_that_is_not_the_keys(alg: object) -> None:
    with pytest.raises(InvalidJWS, match="algorithm"):
        verify(forge(header_of(alg=alg), "{}"))


@pytest.mark.rfc("7515", "A.5", "unsecured JWS; RFC 9068 2.1: MUST NOT use none")
def test_refuses_an_unsigned_token() -> None:
    token = f"{segment(header_of(alg='none'))}.{segment('{}')}."

    with pytest.raises(InvalidJWS, match="algorithm"):
        verify(token)


@pytest.mark.rfc("8725", "3.1", "an algorithm not expected MUST NOT be used")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_refuses_a_public_key_used_as_an_hmac_secret(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)
    public_pem = key.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed_part = f"{segment(header_of(key, alg='HS256'))}.{segment('{}')}"
    signature = hmac.digest(public_pem, signed_part.encode(), hashlib.sha256)

    with pytest.raises(InvalidJWS, match="algorithm"):
        verify(f"{signed_part}.{segment(signature)}", key)


def test_refuses_rs256_by_a_key_made_for_ps256() -> None:
    pss = private_key(SigningAlgorithm.PS256)
    token = PrivateKey(SigningAlgorithm.RS256, pss.key).sign({"kid": kid_of(pss)}, {})

    with pytest.raises(InvalidJWS, match="algorithm"):
        verify(token, pss)


@pytest.mark.rfc("9864", "2.2", "Ed25519 names EdDSA with that curve")
def test_knows_an_algorithm_by_its_newer_name() -> None:
    key = private_key(SigningAlgorithm.EDDSA)

    assert verify(forge(header_of(key, alg="Ed25519"), "{}", key), key) == {}


@pytest.mark.parametrize("alg", ["Ed448", "ED25519", "ESP256"])
def test_refuses_other_names_of_newer_algorithms(alg: str) -> None:
    key = private_key(SigningAlgorithm.EDDSA)

    with pytest.raises(InvalidJWS, match="algorithm"):
        verify(forge(header_of(key, alg=alg), "{}", key), key)


@pytest.mark.rfc("7515", "4.1.11", "crit: an extension not understood MUST be rejected")
@pytest.mark.parametrize("crit", [["b64"], ["exp"], [], None, "b64"], ids=repr)
def test_refuses_a_critical_extension(crit: object) -> None:
    header = json.dumps({"alg": "ES256", "kid": kid_of(private_key()), "crit": crit})

    with pytest.raises(InvalidJWS, match="critical extension"):
        verify(forge(header, "{}"))


def test_nothing_verifies_without_keys() -> None:
    parsed = UnverifiedJWS.parse(signed(private_key()))

    with pytest.raises(InvalidJWS, match="unknown key"):
        parsed.verify({})


TOKEN_LENGTH = len(signed(private_key()))


@settings(deadline=None)
@given(position=st.integers(0, TOKEN_LENGTH - 1), character=st.characters(codec="ascii"))
def test_no_character_of_a_token_can_be_changed(position: int, character: str) -> None:
    token = signed(private_key())
    changed = token[:position] + character + token[position + 1 :]

    if changed == token:
        assert verify(changed) == PAYLOAD
    else:
        with pytest.raises(InvalidJWS):
            verify(changed)


@settings(deadline=None)
@given(st.text())
def test_any_key_id_is_looked_up_or_refused(kid: str) -> None:
    keys = {KeyID(kid): next(iter(published(private_key()).values()))}

    assert UnverifiedJWS.parse(forge(header_of(kid=kid), "{}")).verify(keys) == {}
