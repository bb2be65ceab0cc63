"""RFC 6749 §3.2 and Appendix B: parameters in a request body."""

from urllib.parse import parse_qs, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.errors import InvalidRequest
from django_cc.protocol.form import (
    MAX_BODY_BYTES,
    Form,
    decode_component,
    refuse_parameters_in_query,
)
from django_cc.protocol.names import FORM_MEDIA_TYPE

texts = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))


def parse(body: bytes) -> Form:
    return Form.parse(body, content_type=FORM_MEDIA_TYPE)


DECODED = [
    (b"", ""),
    (b"a+b", "a b"),
    (b"a%2Bb", "a+b"),
    (b"a%2bb", "a+b"),
    (b"%C3%A9", "é"),
    ("é".encode(), "é"),
    (b"%25", "%"),
    (b"%2525", "%25"),
    (b"+%25%26%2B%C2%A3%E2%82%AC", " %&+£€"),  # the example of Appendix B
]


@pytest.mark.rfc("6749", "B", "form-urlencoded with UTF-8")
@pytest.mark.parametrize(("encoded", "decoded"), DECODED, ids=repr)
def test_decodes_a_component(encoded: bytes, decoded: str) -> None:
    assert decode_component(encoded) == decoded


BROKEN = [b"%", b"%4", b"%zz", b"%%41", b"a%", b"%u0041", b"\xff", b"%FF", b"%C3", b"%ED%A0%80"]


@pytest.mark.rfc("6749", "B", "form-urlencoded with UTF-8")
@pytest.mark.parametrize("encoded", [*BROKEN, b"a%00b", b"\0"], ids=repr)
def test_refuses_a_broken_component(encoded: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_component(encoded)


@settings(deadline=None)
@given(texts)
def test_decodes_whatever_an_encoder_writes(text: str) -> None:
    assert decode_component(quote_plus(text).encode()) == text


@settings(deadline=None)
@given(st.binary())
def test_any_component_decodes_or_is_a_value_error(encoded: bytes) -> None:
    try:
        text = decode_component(encoded)
    except ValueError:
        return

    assert "\0" not in text


@settings(deadline=None)
@given(st.dictionaries(texts, texts.filter(bool)))
def test_reads_whatever_an_encoder_writes(parameters: dict[str, str]) -> None:
    form = parse(urlencode(parameters).encode())

    assert {name: form.get(name) for name in parameters} == parameters


@settings(deadline=None)
@given(st.binary())
def test_any_body_is_a_form_or_is_refused(body: bytes) -> None:
    try:
        form = parse(body)
    except InvalidRequest:
        return

    assert all(value for values in form.values.values() for value in values)


names = st.sampled_from(["scope", "resource", "a", "%61", "+", "%C3%A9", "%ff", "%", ""])
values = st.sampled_from(["", "a", "a+b", "%2B", "%26=", "%C3%A9", "é", "%00", "%zz", "=", ";"])
bodies = st.lists(st.builds("{}={}".format, names, values) | names, max_size=5).map("&".join)


@settings(deadline=None)
@given(bodies)
def test_reads_what_the_standard_library_reads_or_refuses(body: str) -> None:
    try:
        form = parse(body.encode())
    except InvalidRequest:
        return

    assert dict(form.values) == parse_qs(body, errors="strict")


@pytest.mark.rfc("6749", "3.2", "Parameters MUST NOT be included more than once")
@pytest.mark.parametrize(
    "body",
    [b"scope=a&scope=b", b"scope=a&scope=a", b"scope=&scope=a", b"x&x", b"scope=a&sc%6Fpe=b"],
)
def test_refuses_a_repeated_parameter(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="more than once"):
        parse(body)


@pytest.mark.rfc("8707", "2", "Multiple resource parameters MAY be used")
def test_reads_every_value_of_resource() -> None:
    assert parse(b"resource=a&resource=&resource=b").get_all("resource") == ["a", "b"]


@pytest.mark.rfc("6749", "3.2", "Parameters without a value MUST be treated as omitted")
@pytest.mark.parametrize("body", [b"scope=", b"scope", b"", b"&&"], ids=repr)
def test_a_parameter_without_a_value_is_omitted(body: bytes) -> None:
    form = parse(body)

    assert form.get("scope") is None
    assert form.get_all("scope") == ()


def test_a_value_may_hold_an_equals_sign() -> None:
    assert parse(b"client_secret=a=b=").get("client_secret") == "a=b="


def test_parameter_names_are_case_sensitive() -> None:
    assert parse(b"Scope=a").get("scope") is None


@pytest.mark.parametrize("body", BROKEN, ids=repr)
def test_refuses_a_body_that_is_not_form_encoding(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="form encoding"):
        parse(b"scope=" + body)


@pytest.mark.parametrize("name", BROKEN, ids=repr)
def test_refuses_a_broken_parameter_name(name: bytes) -> None:
    with pytest.raises(InvalidRequest, match="form encoding"):
        parse(name + b"=a")


TYPES = [FORM_MEDIA_TYPE, FORM_MEDIA_TYPE.upper(), f"{FORM_MEDIA_TYPE}; charset=UTF-8"]


@pytest.mark.rfc("6749", "4.4.2", "The parameters are sent in application/x-www-form-urlencoded")
@pytest.mark.parametrize("content_type", TYPES)
def test_accepts_the_form_media_type(content_type: str) -> None:
    assert Form.parse(b"scope=a", content_type=content_type).get("scope") == "a"


@pytest.mark.rfc("6749", "4.4.2", "The parameters are sent in application/x-www-form-urlencoded")
@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=b", "text/plain", ";"]
)
def test_refuses_another_media_type(content_type: str) -> None:
    with pytest.raises(InvalidRequest, match="Send the parameters in the body as"):
        Form.parse(b"scope=a", content_type=content_type)


def test_reads_a_body_of_the_largest_size() -> None:
    value = "a" * (MAX_BODY_BYTES - 2)

    assert parse(f"x={value}".encode()).get("x") == value


def test_refuses_a_body_that_is_one_byte_larger() -> None:
    with pytest.raises(InvalidRequest, match="larger than"):
        parse(b"x=" + b"a" * (MAX_BODY_BYTES - 1))


def test_reads_a_hundred_parameters() -> None:
    body = "&".join(f"p{number}=v" for number in range(100))

    assert parse(body.encode()).get("p99") == "v"


def test_refuses_a_hundred_and_one_parameters() -> None:
    body = "&".join(f"p{number}=v" for number in range(101))

    with pytest.raises(InvalidRequest, match="more than 100 parameters"):
        parse(body.encode())


@pytest.mark.rfc("6749", "2.3.1", "Credentials MUST NOT be included in the request URI")
@pytest.mark.parametrize(
    "query",
    [
        "client_secret=a",
        "client_id",
        "a=b&scope=c",
        "CLIENT_SECRET=a",
        "client%5Fsecret=a",
        "resource=",
    ],
)
def test_refuses_a_parameter_in_the_uri(query: str) -> None:
    with pytest.raises(InvalidRequest, match="not in the URI"):
        refuse_parameters_in_query(query)


@pytest.mark.parametrize("query", ["", "tenant=a", "next=client_secret", "%FF=a"])
def test_leaves_any_other_query_to_the_project(query: str) -> None:
    refuse_parameters_in_query(query)
