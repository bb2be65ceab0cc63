"""RFC 9068 §2.2: the claims of an access token."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.client_credentials import Grant
from django_cc.protocol.errors import InvalidToken
from django_cc.protocol.scope import Scope
from tests.protocol.clients import ORDERS, make_client
from tests.protocol.tokens import CLAIMS, ISSUER, NOW, SECONDS, claims_without

GRANT = Grant(make_client(), ORDERS, Scope.parse("write read"), timedelta(minutes=10))


def claims(now: datetime = NOW, prefix: str = "") -> AccessTokenClaims:
    return AccessTokenClaims.for_grant(
        GRANT, issuer=ISSUER, subject_prefix=prefix, token_id="one", now=now
    )


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti REQUIRED")
def test_states_every_required_claim() -> None:
    assert claims().to_payload() == {
        "iss": ISSUER,
        "sub": "billing-sync",
        "aud": ORDERS,
        "client_id": "billing-sync",
        "scope": "read write",
        "iat": SECONDS,
        "exp": SECONDS + 600,
        "jti": "one",
        "client_generation": 7,
    }


@pytest.mark.rfc("9068", "5", "a client's sub is not to be mistaken for a user's")
def test_puts_the_prefix_before_the_subject_alone() -> None:
    prefixed = claims(prefix="client:")

    assert (prefixed.subject, prefixed.client_id) == ("client:billing-sync", "billing-sync")


def test_leaves_the_generation_out_when_there_is_none() -> None:
    assert "client_generation" not in replace(claims(), generation=None).to_payload()


TIMES = {
    "a part of a second": NOW + timedelta(microseconds=999_999),
    "another time zone": NOW.astimezone(timezone(timedelta(hours=5, minutes=30))),
}


@pytest.mark.rfc("7519", "2", "NumericDate: seconds since the epoch, UTC")
@pytest.mark.parametrize("now", TIMES.values(), ids=TIMES)
def test_counts_whole_seconds_of_utc(now: datetime) -> None:
    payload = claims(now).to_payload()

    assert (payload["iat"], payload["exp"]) == (SECONDS, SECONDS + 600)


def test_what_is_written_is_read_back() -> None:
    assert AccessTokenClaims.from_payload(claims().to_payload()) == claims()


@pytest.mark.rfc("7519", "4.1.3", "aud is a string or an array of strings")
@pytest.mark.parametrize("audience", [ORDERS, [ORDERS]], ids=["string", "list of one"])
def test_reads_one_audience(audience: object) -> None:
    payload = claims_without(aud=audience)

    assert AccessTokenClaims.from_payload(payload).audience == ORDERS


@pytest.mark.rfc("7519", "2", "NumericDate may be a fraction")
def test_reads_a_fraction_of_a_second() -> None:
    read = AccessTokenClaims.from_payload(claims_without(iat=SECONDS + 0.5))

    assert read.issued_at == NOW + timedelta(seconds=0.5)


@pytest.mark.parametrize("scope", [None, ""], ids=repr)
def test_a_token_without_scope_may_do_nothing(scope: object) -> None:
    assert AccessTokenClaims.from_payload(claims_without(scope=scope)).scope == Scope()


REQUIRED = ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"]


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti REQUIRED")
@pytest.mark.parametrize("name", REQUIRED)
def test_refuses_a_token_that_lacks_a_claim(name: str) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(name))


NOT_TEXT: dict[str, object] = {
    "null": None,
    "empty": "",
    "number": 1,
    "true": True,
    "list": ["a"],
    "object": {},
}


@pytest.mark.parametrize("value", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("name", ["iss", "sub", "client_id", "jti"])
def test_refuses_a_name_that_is_no_text(name: str, value: object) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(**{name: value}))


AUDIENCES: dict[str, object] = {
    "list of none": [],
    "list of two": [ORDERS, "https://billing.example.com"],
    "the same twice": [ORDERS, ORDERS],
    "list in a list": [[ORDERS]],
    "list of a number": [1],
    "list of nothing": [""],
    "empty": "",
    "number": 1,
    "object": {ORDERS: 1},
}


@pytest.mark.rfc("9068", "3", "a token is for one API: several audiences are ambiguous")
@pytest.mark.parametrize("audience", AUDIENCES.values(), ids=AUDIENCES)
def test_refuses_any_other_audience(audience: object) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(aud=audience))


NOT_TIMES: dict[str, object] = {
    "null": None,
    "text": str(SECONDS),
    "true": True,
    "false": False,
    "list": [SECONDS],
    "object": {},
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "the year 10000": 253_402_300_800,
    "before the year 1": -62_135_596_801,
    "20 digits": 10**20,
    "1e300": 1e300,
    "400 digits": 10**400,
    "minus 400 digits": -(10**400),
}


@pytest.mark.rfc("7519", "2", "NumericDate is a JSON number")
@pytest.mark.parametrize("value", NOT_TIMES.values(), ids=NOT_TIMES)
@pytest.mark.parametrize("name", ["iat", "exp"])
def test_refuses_what_is_no_time(name: str, value: object) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(**{name: value}))


NOT_SCOPES: dict[str, object] = {
    "list": ["orders:read"],
    "number": 0,
    "false": False,
    "quote": 'a"',
    "double space": "a  b",
    "not ASCII": "é",
}


@pytest.mark.rfc("9068", "2.2.3", "scope as RFC 8693 4.2 defines it")
@pytest.mark.parametrize("scope", NOT_SCOPES.values(), ids=NOT_SCOPES)
def test_refuses_what_is_no_scope(scope: object) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(scope=scope))


@pytest.mark.parametrize("generation", ["7", True, 7.0, [7], {}], ids=repr)
def test_refuses_what_is_no_generation(generation: object) -> None:
    with pytest.raises(InvalidToken):
        AccessTokenClaims.from_payload(claims_without(client_generation=generation))


values: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text(), max_size=2)
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*CLAIMS, "client_generation"]), values))
def test_any_payload_is_claims_or_is_refused(changes: dict[str, Any]) -> None:
    try:
        read = AccessTokenClaims.from_payload({**CLAIMS, **changes})
    except InvalidToken:
        return

    assert read.expires_at.tzinfo is UTC


@pytest.mark.rfc("9068", "2.2.3", "other claims MAY be included")
def test_reads_the_claims_that_are_not_registered() -> None:
    payload = {
        **CLAIMS,
        "nbf": SECONDS,
        "client_generation": 7,
        "tenant": "acme",
        "plan": {"a": [1]},
    }

    assert AccessTokenClaims.from_payload(payload).extra == {"tenant": "acme", "plan": {"a": [1]}}
