"""RFC 7515 §7.1: what is a compact serialization, before anybody vouches for it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.jose import MAX_TOKEN_CHARACTERS, InvalidJWS, UnverifiedJWS
from tests.protocol.tokens import segment

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3)
    ),
    max_leaves=10,
)
objects = st.dictionaries(st.text(), json_values, max_size=4)


def token_of(header: str | bytes = "{}", payload: str | bytes = "{}") -> str:
    return f"{segment(header)}.{segment(payload)}.AAAA"


def test_reads_the_three_segments() -> None:
    parsed = UnverifiedJWS.parse(token_of('{"alg":"ES256"}', '{"iss":"a"}'))

    assert parsed == UnverifiedJWS(
        header={"alg": "ES256"},
        payload={"iss": "a"},
        signed_part=b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0",
        signature=b"\0\0\0",
    )


@pytest.mark.rfc("7515", "7.1", "BASE64URL(header) . BASE64URL(payload) . BASE64URL(signature)")
@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "e30", "e30.e30", "e30.e30.AAAA.", "e30.e30.AAAA.AAAA", "e30.e30.e30.e30.e30"],
    ids=repr,
)
def test_refuses_another_number_of_segments(token: str) -> None:
    with pytest.raises(InvalidJWS):
        UnverifiedJWS.parse(token)


NOT_BASE64URL = {
    "padding": "e30=",
    "base64, not base64url": "+/+/",
    "a space": "e3 0",
    "a line end": "e30\n",
    "a line end inside": "e3\n0",
    "one character": "A",
    "five characters": "AAAAA",
    "stray bits": "e31",
    "percent-encoded": "e30%3D",
    "a wide digit": "e3０",
    "a surrogate": "e3\ud800",
    "a NUL": "e30\0",
}


@pytest.mark.rfc(
    "7515", "2", "base64url with all trailing = omitted, no line breaks, no other text"
)
@pytest.mark.parametrize("bad", NOT_BASE64URL.values(), ids=NOT_BASE64URL)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["header", "payload", "signature"])
def test_refuses_a_segment_that_is_not_canonical_base64url(bad: str, place: int) -> None:
    segments = ["e30", "e30", "AAAA"]
    segments[place] = bad

    with pytest.raises(InvalidJWS):
        UnverifiedJWS.parse(".".join(segments))


BAD_JSON = {
    "empty": "",
    "text": "hello",
    "null": "null",
    "list": "[]",
    "string": '"a"',
    "number": "1",
    "cut short": '{"a":1',
    "more after it": "{}{}",
    "single quotes": "{'a':1}",
    "trailing comma": '{"a":1,}',
    "NaN": '{"a":NaN}',
    "Infinity": '{"a":Infinity}',
    "-Infinity": '{"a":[-Infinity]}',
    "duplicate member": '{"a":1,"a":1}',
    "duplicate by escape": '{"a":1,"\\u0061":2}',
    "duplicate below": '{"a":{"b":1,"b":2}}',
    "line end in a string": '{"a":"\n"}',
    "5,000 digits": '{"a":' + "1" * 5000 + "}",
    "bomb of lists": "[" * 9_000,
    "bomb of objects": '{"a":' * 2_000,
    "closed bomb": "[" * 4_000 + "]" * 4_000,
    "a byte order mark": "\ufeff{}",
}


@pytest.mark.rfc("7515", "4", "header parameter names MUST be unique; 5.2: a valid JSON object")
@pytest.mark.parametrize("bad", BAD_JSON.values(), ids=BAD_JSON)
@pytest.mark.parametrize("place", ["header", "payload"])
def test_refuses_what_is_no_json_object(bad: str, place: str) -> None:
    token = token_of(header=bad) if place == "header" else token_of(payload=bad)

    with pytest.raises(InvalidJWS):
        UnverifiedJWS.parse(token)


@pytest.mark.rfc("7515", "5.2", "the octets MUST be UTF-8")
@pytest.mark.parametrize(
    "raw", [b'{"a":"\xff"}', "{}".encode("utf-16"), b'{"a":"\xed\xa0\x80"}'], ids=repr
)
def test_refuses_json_in_another_encoding(raw: bytes) -> None:
    with pytest.raises(InvalidJWS):
        UnverifiedJWS.parse(token_of(payload=raw))


def token_as_long_as(characters: int) -> str:
    start = token_of()[: -len("AAAA")]
    return start + "A" * (characters - len(start))


def test_reads_a_token_of_the_greatest_length() -> None:
    token = token_as_long_as(MAX_TOKEN_CHARACTERS)

    assert UnverifiedJWS.parse(token).header == {}


def test_refuses_a_token_that_is_longer() -> None:
    token = token_as_long_as(MAX_TOKEN_CHARACTERS + 4)

    with pytest.raises(InvalidJWS, match="too long"):
        UnverifiedJWS.parse(token)


@settings(deadline=None)
@given(objects, objects, st.binary(max_size=80))
def test_reads_every_json_object(
    header: dict[str, object], payload: dict[str, object], signature: bytes
) -> None:
    token = f"{segment(json.dumps(header))}.{segment(json.dumps(payload))}.{segment(signature)}"

    parsed = UnverifiedJWS.parse(token)

    assert (parsed.header, parsed.payload, parsed.signature) == (header, payload, signature)


near_tokens = st.lists(st.binary().map(segment) | st.just("e30") | st.text(), max_size=5).map(
    ".".join
)


@settings(deadline=None)
@given(st.one_of(st.text(), near_tokens))
def test_any_text_is_a_token_or_is_refused(text: str) -> None:
    try:
        parsed = UnverifiedJWS.parse(text)
    except InvalidJWS:
        return

    rewritten = f"{parsed.signed_part.decode()}.{segment(parsed.signature)}"
    assert rewritten == text


@settings(deadline=None)
@given(st.binary(), st.binary())
def test_any_header_and_payload_are_objects_or_are_refused(header: bytes, payload: bytes) -> None:
    try:
        parsed = UnverifiedJWS.parse(token_of(header, payload))
    except InvalidJWS:
        return

    assert isinstance(parsed.header, dict)
    assert isinstance(parsed.payload, dict)
