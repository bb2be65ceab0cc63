"""RFC 9068 §4: which access tokens an API accepts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.access_token.jwt import read_unverified_issuer, sign_access_token
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.jose import PrivateKey, UnverifiedJWS
from django_cc.protocol.names import SigningAlgorithm
from tests.protocol.tokens import (
    AUDIENCE,
    CLAIMS,
    GOOD,
    ISSUER,
    forge,
    header_of,
    kid_of,
    private_key,
    segment,
    sign_claims,
    verify,
)


@pytest.mark.rfc("9068", "4", "typ, iss, aud, signature and exp are checked")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_accepts_what_the_issuer_signs(algorithm: SigningAlgorithm) -> None:
    key = private_key(algorithm)

    token = sign_access_token(GOOD, kid=kid_of(key), key=key)

    assert verify(token) == GOOD


@pytest.mark.rfc("9068", "2.1", "typ SHOULD be at+jwt; kid names the key")
def test_a_signed_token_says_what_it_is() -> None:
    token = sign_access_token(GOOD, kid=kid_of(private_key()), key=private_key())

    header = UnverifiedJWS.parse(token).header

    assert header == {"typ": "at+jwt", "alg": "ES256", "kid": kid_of(private_key())}


@pytest.mark.rfc("9068", "4", "typ is at+jwt or application/at+jwt; RFC 7515 4.1.9: any case")
@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT", "Application/At+Jwt"])
def test_accepts_the_type_of_access_tokens(typ: str) -> None:
    assert verify(forge(header_of(typ=typ), json.dumps(CLAIMS))) == GOOD


TYPES: dict[str, object] = {
    "missing": None,
    "JWT": "JWT",
    "ID token": "id_token+jwt",
    "assertion": "client-authentication+jwt",
    "DPoP": "dpop+jwt",
    "empty": "",
    "prefix alone": "application/",
    "twice prefixed": "application/application/at+jwt",
    "a space after it": "at+jwt ",
    "parameter": "at+jwt;a=b",
    "list": ["at+jwt"],
    "true": True,
}


@pytest.mark.rfc("9068", "4", "MUST reject a token with any other typ")
@pytest.mark.parametrize("typ", TYPES.values(), ids=TYPES)
def test_refuses_any_other_type(typ: object) -> None:
    with pytest.raises(InvalidToken):
        verify(forge(header_of(typ=typ), json.dumps(CLAIMS)))


@pytest.mark.rfc("9068", "4", "iss MUST exactly match the issuer identifier")
@pytest.mark.parametrize(
    "issuer", [f"{ISSUER}/", ISSUER.upper(), "https://evil.example.com", "", [ISSUER]], ids=repr
)
def test_refuses_another_issuer(issuer: object) -> None:
    with pytest.raises(InvalidToken):
        verify(sign_claims(iss=issuer))


@pytest.mark.rfc("9068", "4", "MUST reject a token whose aud is not this resource server")
def test_accepts_its_audience_as_a_list_of_one() -> None:
    assert verify(sign_claims(aud=[AUDIENCE])) == GOOD


OTHER_AUDIENCES: dict[str, object] = {
    "another": "https://billing.example.com",
    "a longer one": f"{AUDIENCE}/",
    "a shorter one": AUDIENCE[:-1],
    "another case": AUDIENCE.upper(),
    "list of another": ["https://billing.example.com"],
    "list of two, ours among them": [AUDIENCE, "https://billing.example.com"],
}


@pytest.mark.rfc("9068", "4", "MUST reject a token whose aud is not this resource server")
@pytest.mark.parametrize("audience", OTHER_AUDIENCES.values(), ids=OTHER_AUDIENCES)
def test_refuses_another_audience(audience: object) -> None:
    with pytest.raises(InvalidToken):
        verify(sign_claims(aud=audience))


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti REQUIRED")
@pytest.mark.parametrize("name", ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"])
def test_refuses_a_token_that_lacks_a_claim(name: str) -> None:
    with pytest.raises(InvalidToken):
        verify(sign_claims(name))


BAD_TOKENS = {
    "empty": "",
    "opaque": "abc",
    "unsigned": f"{segment(header_of(alg='none'))}.{segment(json.dumps(CLAIMS))}.",
    "cut short": sign_claims()[:-8],
    "a line end": sign_claims() + "\n",
    "unknown key": PrivateKey.generate(SigningAlgorithm.ES256).sign(
        {"typ": "at+jwt", "kid": "unknown"}, CLAIMS
    ),
    "critical extension": forge(header_of(crit=["b64"]), json.dumps(CLAIMS)),
}


@pytest.mark.rfc("9068", "4", "the signature MUST be validated; none MUST be rejected")
@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_refuses_what_the_issuer_did_not_sign(token: str) -> None:
    with pytest.raises(InvalidToken) as refusal:
        verify(token)

    assert refusal.value.description == "The access token is invalid."


@settings(deadline=None)
@given(st.text())
def test_no_text_is_a_token_by_chance(text: str) -> None:
    with pytest.raises(InvalidToken):
        verify(text)


ISSUERS = {
    "named": (sign_claims(), ISSUER),
    "missing": (sign_claims("iss"), None),
    "no text": (sign_claims(iss=[ISSUER]), None),
    "opaque token": ("abc", None),
    "not signed": (f"e30.{segment(json.dumps(CLAIMS))}.AAAA", ISSUER),
}


@pytest.mark.parametrize(("token", "issuer"), ISSUERS.values(), ids=ISSUERS)
def test_reads_the_issuer_a_token_names(token: str, issuer: str | None) -> None:
    assert read_unverified_issuer(token) == issuer


@pytest.mark.rfc("7800", "3.1", "A key-bound token is no bearer token")
def test_refuses_a_token_bound_to_a_key() -> None:
    with pytest.raises(InvalidToken):
        verify(sign_claims(cnf={"jkt": "a"}))
