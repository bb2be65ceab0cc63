"""RFC 8707 §2: the API a token is wanted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.errors import InvalidTarget
from django_cc.protocol.resource_indicator import is_absolute_uri, parse_resource, refuse_target

ABSOLUTE = [
    "https://api.example.com",
    "https://api.example.com/",
    "https://api.example.com:8443/a/b?c=d",
    "https://[2001:db8::1]/a",
    "HTTPS://api.example.com",
    "https://api.example.com/a%20b",
    "urn:example:orders",
    "api://orders",
]
NOT_ABSOLUTE = [
    "",
    "orders",
    "/orders",
    "//api.example.com/orders",
    "api.example.com",
    "https:",
    "https://",
    "https://[2001:db8::1",
    "1https://api.example.com",
    " https://api.example.com",
    "https://api.example.com\n",
    "https://api.example.com/a b",
    "https://api.example.com/\ta",
    "https://api.example.com/é",
]


@pytest.mark.rfc("8707", "2", "MUST be an absolute URI")
@pytest.mark.parametrize("text", ABSOLUTE, ids=repr)
def test_reads_an_absolute_uri(text: str) -> None:
    assert parse_resource([text]) == text


@pytest.mark.rfc("8707", "2", "MUST be an absolute URI")
@pytest.mark.parametrize("text", NOT_ABSOLUTE, ids=ascii)
def test_refuses_what_is_no_absolute_uri(text: str) -> None:
    with pytest.raises(InvalidTarget):
        parse_resource([text])


@pytest.mark.rfc("8707", "2", "MUST be an absolute URI")
@pytest.mark.parametrize("character", list('"<>\\^`{|}'))
def test_a_character_that_no_uri_may_hold_makes_it_no_uri(character: str) -> None:
    assert not is_absolute_uri(f"https://api.example.com/{character}")


@pytest.mark.rfc("8707", "2", "MUST be an absolute URI")
def test_a_broken_escape_makes_it_no_uri() -> None:
    assert not is_absolute_uri("https://api.example.com/%zz")


@pytest.mark.rfc("8707", "2", "MUST NOT include a fragment component")
@pytest.mark.parametrize("text", ["https://api.example.com#", "https://api.example.com/#a"])
def test_refuses_a_fragment(text: str) -> None:
    with pytest.raises(InvalidTarget):
        parse_resource([text])


def test_names_no_api_when_the_parameter_is_omitted() -> None:
    assert parse_resource([]) is None


@pytest.mark.rfc("8707", "3", "SHOULD request a token for a single resource")
@pytest.mark.parametrize("second", ["https://b.example.com", "https://a.example.com"])
def test_refuses_several_values(second: str) -> None:
    with pytest.raises(InvalidTarget):
        parse_resource(["https://a.example.com", second])


@pytest.mark.rfc("8707", "2", "invalid_target: invalid, missing, unknown, or malformed")
def test_says_the_same_of_a_malformed_and_an_unknown_resource() -> None:
    with pytest.raises(InvalidTarget) as refusal:
        parse_resource(["orders"])

    assert refusal.value.description == refuse_target().description
    assert refusal.value.error == "invalid_target"


@settings(deadline=None)
@given(st.text())
def test_tells_of_any_text_whether_it_is_an_absolute_uri(text: str) -> None:
    assert is_absolute_uri(text) in {True, False}


@settings(deadline=None)
@given(st.text())
def test_no_text_with_a_fragment_is_a_resource(text: str) -> None:
    assert not is_absolute_uri(f"https://api.example.com/{text}#")
