"""RFC 9068 §4, RFC 7519 §4.1: when an access token is good."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from django_cc.protocol.errors import InvalidToken
from tests.protocol.tokens import (
    CLAIMS,
    EXPECTED,
    GOOD,
    LEEWAY,
    SECONDS,
    claims_without,
    forge,
    header_of,
    sign_claims,
    verify,
)

SECOND = timedelta(seconds=1)


@pytest.mark.rfc("9068", "4", "the current time MUST be before exp")
def test_accepts_a_token_until_its_expiry_and_leeway() -> None:
    last_moment = GOOD.expires_at + LEEWAY - timedelta(microseconds=1)

    assert verify(sign_claims(), now=last_moment) == GOOD


@pytest.mark.rfc("7519", "4.1.4", "on or after exp the token MUST NOT be accepted")
@pytest.mark.parametrize("later", [timedelta(0), SECOND, timedelta(days=9999)], ids=str)
def test_refuses_a_token_from_its_expiry_and_leeway_on(later: timedelta) -> None:
    with pytest.raises(InvalidToken, match="expired"):
        verify(sign_claims(), now=GOOD.expires_at + LEEWAY + later)


@pytest.mark.rfc("7519", "4.1.4", "on or after exp the token MUST NOT be accepted")
def test_refuses_a_token_at_its_expiry_when_there_is_no_leeway() -> None:
    with pytest.raises(InvalidToken, match="expired"):
        verify(
            sign_claims(),
            expected=replace(EXPECTED, leeway=timedelta(0)),
            now=GOOD.expires_at,
        )


@pytest.mark.rfc("7519", "4.1.5", "nbf: small leeway for clock skew")
@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_accepts_a_start_that_lies_ahead_by_the_leeway(name: str) -> None:
    token = sign_claims(**{name: SECONDS + 30})

    assert verify(token).token_id == "one"


@pytest.mark.rfc("7519", "4.1.5", "before nbf the token MUST NOT be accepted")
@pytest.mark.parametrize(
    "start",
    [SECONDS + 30.5, SECONDS + 31, 10**400, 1e308],
    ids=["half a second", "a second", "400 digits", "1e308"],
)
@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_refuses_a_start_that_lies_further_ahead(name: str, start: float) -> None:
    with pytest.raises(InvalidToken):
        verify(sign_claims(**{name: start}))


@pytest.mark.parametrize(
    "start", [0, -1, SECONDS - 0.5, -(10**400)], ids=["0", "-1", "half", "big"]
)
def test_accepts_any_not_before_that_lies_in_the_past(start: float) -> None:
    assert verify(sign_claims(nbf=start)) == GOOD


@pytest.mark.rfc("7519", "4.1.5", "nbf MUST be a number containing a NumericDate value")
@pytest.mark.parametrize("start", [None, True, False, "0", [0], {}], ids=repr)
def test_refuses_a_not_before_that_is_no_number(start: object) -> None:
    payload = json.dumps({**CLAIMS, "nbf": start})

    with pytest.raises(InvalidToken):
        verify(forge(header_of(), payload))


def test_accepts_a_token_that_expires_with_the_calendar() -> None:
    end_of_9999 = 253_402_300_799

    assert verify(sign_claims(exp=end_of_9999)).expires_at.year == 9999


RAW_PAYLOADS = {
    "exp too large for a float": '"exp":1e999',
    "exp infinite": '"exp":Infinity',
    "exp not a number": '"exp":NaN',
    "exp twice": '"exp":9999999999,"exp":9999999999',
    "exp of 400 digits": f'"exp":{"9" * 400}',
    "exp of 5,000 digits": f'"exp":{"9" * 5000}',
}


@pytest.mark.rfc("9068", "4", "exp is a NumericDate; RFC 7519 4: claim names MUST be unique")
@pytest.mark.parametrize("member", RAW_PAYLOADS.values(), ids=RAW_PAYLOADS)
def test_refuses_an_expiry_only_json_could_write(member: str) -> None:
    claims = json.dumps(claims_without("exp"))[:-1]

    with pytest.raises(InvalidToken):
        verify(forge(header_of(), f"{claims},{member}}}"))
