"""RFC 7519 §4.3: claims a project adds to its tokens."""

from datetime import datetime
from typing import Any

import pytest

from django_cc.protocol.access_token.claims import CLIENT_GENERATION, AccessTokenClaims
from django_cc.protocol.access_token.extra_claims import (
    MAX_EXTRA_BYTES,
    RESERVED_CLAIMS,
    UnusableClaimsError,
    read_extra_claims,
)
from tests.protocol.test_access_token_claims import GRANT
from tests.protocol.tokens import ISSUER, NOW

GOOD: dict[str, Any] = {"tenant": "acme", "limits": {"rows": [1, 2.5, None, True]}, "café": "é"}


def test_adds_json_to_what_is_registered() -> None:
    claims = AccessTokenClaims.for_grant(
        GRANT, issuer=ISSUER, subject_prefix="", token_id="one", now=NOW, extra=GOOD
    )

    payload = claims.to_payload()
    assert {name: payload[name] for name in GOOD} == GOOD
    assert payload["iss"] == ISSUER


def test_overwrites_nothing_even_where_nobody_has_looked() -> None:
    claims = AccessTokenClaims.for_grant(
        GRANT,
        issuer=ISSUER,
        subject_prefix="",
        token_id="one",
        now=NOW,
        extra=dict.fromkeys(RESERVED_CLAIMS, "evil"),
    )

    payload = claims.to_payload()
    assert (payload["iss"], payload["client_generation"]) == (ISSUER, 7)


def test_copies_what_it_read() -> None:
    given: dict[str, Any] = {"list": [1]}
    read = read_extra_claims(given)
    given["list"].append(2)

    assert read == {"list": [1]}


def test_the_generation_is_reserved() -> None:
    assert CLIENT_GENERATION in RESERVED_CLAIMS


@pytest.mark.rfc("9068", "2.2", "iss, exp, aud, sub, client_id, iat, jti are the server's to say")
@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_refuses_a_registered_claim(name: str) -> None:
    with pytest.raises(UnusableClaimsError, match=f"{name} cannot be overwritten"):
        read_extra_claims({name: "evil", "tenant": "acme"})


class Odd:
    """Breaks whoever compares it."""

    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    __hash__ = None  # type: ignore[assignment]  # it is a value


endless: dict[str, Any] = {}
endless["again"] = endless
deep: Any = []
for _ in range(100_000):
    deep = [deep]
NO_JSON: dict[str, object] = {
    "nothing": None,
    "a list of pairs": [("a", 1)],
    "text": "{}",
    "a time": {"a": datetime(2026, 1, 1)},  # noqa: DTZ001 - any time
    "bytes": {"a": b"b"},
    "a set": {"a": {1}},
    "a tuple": {"a": (1, 2)},
    "a number for a name": {1: "a"},
    "a number for a name inside": {"a": {1: "b"}},
    "None for a name": {None: "a"},
    "a tuple for a name": {(1,): "a"},
    "not a number": {"a": float("nan")},
    "infinity": {"a": float("inf")},
    "half a character": {"a": "\ud800"},
    "itself": endless,
    "too deep": {"a": deep},
    "an object": {"a": Odd()},
}


@pytest.mark.parametrize("value", NO_JSON.values(), ids=NO_JSON)
def test_refuses_what_is_no_json(value: object) -> None:
    with pytest.raises(UnusableClaimsError):
        read_extra_claims(value)


def test_bounds_the_size_as_it_goes_into_the_token() -> None:
    frame = len('{"a":""}')
    most = {"a": "x" * (MAX_EXTRA_BYTES - frame)}

    assert read_extra_claims(most) == most
    with pytest.raises(UnusableClaimsError, match="4097 bytes"):
        read_extra_claims({"a": most["a"] + "x"})
    with pytest.raises(UnusableClaimsError, match="bytes"):
        read_extra_claims({"a": "é" * 700})
