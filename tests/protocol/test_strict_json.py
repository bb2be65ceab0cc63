"""JSON objects of strangers."""

import pytest

from django_cc.protocol.strict_json import InvalidJSON, parse_json_object


def test_reads_an_object() -> None:
    assert parse_json_object('{"a": ["é", 1.5, null]}'.encode()) == {"a": ["é", 1.5, None]}


@pytest.mark.rfc("7517", "4", "The member names within a JWK MUST be unique")
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b"{} {}",
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_refuses_what_lenient_readers_let_through(raw: bytes) -> None:
    with pytest.raises(InvalidJSON):
        parse_json_object(raw)
