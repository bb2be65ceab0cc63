"""Threat: requests that no honest client sends, at every OAuth endpoint.

Each gets the error that its RFC has for it, in the same form; none is a 500, none is cached.
"""

import base64
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as HTTPClient
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.names import Parameter
from tests.machines import (
    FORM,
    INTROSPECTION_URL,
    REVOCATION_URL,
    TOKEN_URL,
    Machine,
    TokenEndpoint,
    read_json,
    register,
)
from tests.projects.combined import ISSUER

pytestmark = pytest.mark.django_db

GOOD = {
    TOKEN_URL: b"grant_type=client_credentials",
    INTROSPECTION_URL: b"token=x",
    REVOCATION_URL: b"token=x",
}
FORMS = pytest.mark.parametrize("url", GOOD)
DOCUMENTS = [
    "/oauth/client",
    "/oauth/jwks",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
]
DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5B\x5D-\x7E]+ \(reference [0-9a-f]{16}\)")
bounded = settings(deadline=None, max_examples=60)
READING = ["GET", "HEAD"]
TO_A_STRANGER = {"detail": "Send an access token."}  # RFC 6750 §3.1: no error code
METHODS = [*READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


@pytest.fixture
def own_token(token_endpoint: TokenEndpoint) -> str:
    """A token that is good at every endpoint that takes one."""
    machine = register("Own", ["introspection"])
    return token_endpoint.access_token(machine, resource=ISSUER)


def send(url: str, body: bytes = b"", *, method: str = "POST", **environ: Any) -> Any:
    """Send whatever is asked for; `environ` is WSGI's, so nothing is cleaned on the way."""
    content_type = environ.pop("CONTENT_TYPE", FORM)
    return HTTPClient().generic(method, url, body, content_type, secure=True, **environ)


def require_refusal(answer: Any, status: int, error: str) -> None:
    """Require an OAuth error in the form of RFC 6749 §5.2."""
    document = read_json(answer)
    assert (answer.status_code, document["error"]) == (status, error), document
    assert set(document) == {"error", "error_description"}
    assert DESCRIPTION.fullmatch(document["error_description"])
    assert answer["Content-Type"] == "application/json"
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
    assert ("WWW-Authenticate" in answer) == (status == 401)


def basic(pair: bytes) -> str:
    return f"Basic {base64.b64encode(pair).decode()}"


BODIES = {
    "broken percent-encoding": b"x=%",
    "half an escape": b"x=%4",
    "a percent sign in a name": b"%zz=x",
    "IIS's escape": b"x=%u0041",
    "invalid UTF-8": b"x=%ff%fe",
    "raw bytes": b"x=\xff\xfe",
    "overlong UTF-8": b"x=%c0%af",
    "half a surrogate": b"x=%ED%A0%80",
    "a surrogate pair in CESU-8": b"x=%ED%A0%BD%ED%B8%80",
    "a code point beyond Unicode": b"x=%F4%90%80%80",
    "NUL in a value": b"x=a%00b",
    "NUL in a name": b"a%00b=x",
    "a raw NUL": b"x=\0",
    "UTF-16": "x=y".encode("utf-16"),
    "5,000 fields": b"&".join(b"p%d=" % number for number in range(5000)),
    "the same name 90 times": b"&".join([b"x=1"] * 90),
    "the grant type twice": b"grant_type=client_credentials",
    "the token twice": b"token=x",
    "a megabyte": b"x=" + b"a" * 2**20,
    "a secret in two places": b"client_secret=x",
    "another client's ID": b"client_id=another",
}


@FORMS
@pytest.mark.parametrize("more", BODIES.values(), ids=BODIES)
@pytest.mark.rfc("6749", "5.2", "invalid_request: otherwise malformed")
def test_refuses_a_body_that_is_malformed(
    signing_key: None, machine: Machine, url: str, more: bytes
) -> None:
    twice = b"&grant_type=client_credentials&token=x"
    body = GOOD[url] + b"&" + more + (twice if more in GOOD.values() else b"")

    answer = send(url, body, HTTP_AUTHORIZATION=machine.basic())

    require_refusal(answer, 400, "invalid_request")


TYPES = {
    "multipart": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nx\r\n--x--\r\n',
    ),
    "multipart without a boundary": ("multipart/form-data", b""),
    "JSON": ("application/json", b'{"grant_type": "client_credentials", "token": "x"}'),
    "JSON that is none": ("application/json", b"{"),
    "text": ("text/plain", b"grant_type=client_credentials&token=x"),
    "none": ("", b"grant_type=client_credentials&token=x"),
    "two": (f"{FORM}, application/json", b"grant_type=client_credentials&token=x"),
    "a line end": (f"{FORM}\r\nX: y", b"grant_type=client_credentials&token=x"),
    "something like it": (f"x-{FORM}", b"grant_type=client_credentials&token=x"),
    "bytes": ("\xff\xfe", b"grant_type=client_credentials&token=x"),
}


@FORMS
@pytest.mark.parametrize(("content_type", "body"), TYPES.values(), ids=TYPES)
@pytest.mark.rfc("6749", "4.4.2", "The parameters are sent in application/x-www-form-urlencoded")
def test_refuses_another_media_type(
    signing_key: None, machine: Machine, url: str, content_type: str, body: bytes
) -> None:
    answer = send(url, body, CONTENT_TYPE=content_type, HTTP_AUTHORIZATION=machine.basic())

    require_refusal(answer, 400, "invalid_request")


LENGTHS = {
    "short": "5",
    "none": "",
    "negative": "-1",
    "no number": "ten",
    "a fraction": "1.5",
    "huge": "9" * 30,
    "more digits than Python reads": "9" * 5000,
    "hexadecimal": "0x1d",
    "two": "29, 29",
}


@FORMS
@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
def test_refuses_a_length_that_is_not_the_bodys(
    signing_key: None, machine: Machine, url: str, length: str
) -> None:
    environ: Any = {"HTTP_AUTHORIZATION": machine.basic(), "CONTENT_LENGTH": length}

    answer = send(url, GOOD[url], **environ)

    require_refusal(answer, 400, "invalid_request")


@FORMS
def test_says_why_a_body_in_chunks_is_not_read(
    signing_key: None, machine: Machine, url: str
) -> None:
    # WSGI knows no bodies without a length: Django reads none of it.
    environ: Any = {"HTTP_AUTHORIZATION": machine.basic(), "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = send(url, b"", **environ)

    require_refusal(answer, 400, "invalid_request")
    assert "Content-Length" in read_json(answer)["error_description"]


HEADERS = {
    "nothing": "",
    "blanks": "   ",
    "a scheme alone": "Basic",
    "another scheme": "Negotiate YII=",
    "a scheme that does not exist": "\x01\x02",
    "no base64": "Basic !!!",
    "base64url": "Basic YTo_Pz8",
    "padding alone": "Basic ====",
    "no colon": basic(b"abc"),
    "invalid UTF-8": basic(b"\xff:\xff"),
    "NUL": basic(b"a\0:b"),
    "NUL, encoded": basic(b"a%00:b"),
    "half a surrogate": basic(b"%ED%A0%80:b"),
    "broken percent-encoding": basic(b"a%:b"),
    "two credentials": f"{basic(b'a:b')}, {basic(b'a:b')}",
    "a line end": f"{basic(b'a:b')}\r\nX: y",
    "raw bytes": "Basic \xff\xfe",
    "100,000 characters": basic(b"a:" + b"b" * 75_000),
    "Digest": 'Digest username="x", realm="y", nonce="z", uri="/", response="0"',
}


@FORMS
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.rfc("6749", "5.2", "invalid_client: 401 and a challenge of the scheme that was used")
def test_answers_invalid_client_to_a_header_that_is_malformed(
    signing_key: None, url: str, header: str
) -> None:
    answer = send(url, GOOD[url], HTTP_AUTHORIZATION=header)

    require_refusal(answer, 401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


QUERIES = [
    "client_id=a&client_secret=b",
    "CLIENT_SECRET=b",
    "client%5fsecret=b",
    "client_assertion=a",
    "token=x",
    "grant_type=client_credentials",
    "a=b&scope",
]


@FORMS
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.rfc("6749", "2.3.1", "Credentials MUST NOT be included in the request URI")
def test_refuses_parameters_in_the_query(
    signing_key: None, machine: Machine, url: str, query: str
) -> None:
    answer = send(f"{url}?{query}", GOOD[url], HTTP_AUTHORIZATION=machine.basic())

    require_refusal(answer, 400, "invalid_request")


@FORMS
@pytest.mark.parametrize("query", ["%", "%ff=%fe", "%00", "&&&", "\xff", "[]", "a=" + "b" * 9000])
def test_is_not_troubled_by_a_query_that_is_malformed(
    signing_key: None, machine: Machine, url: str, query: str
) -> None:
    answer = send(url, GOOD[url], HTTP_AUTHORIZATION=machine.basic(), QUERY_STRING=query)

    assert answer.status_code == 200


OTHER_METHODS = [
    *((url, method) for url in GOOD for method in METHODS if method != "POST"),
    *((url, method) for url in DOCUMENTS for method in METHODS if method not in READING),
]


@pytest.mark.parametrize(("url", "method"), OTHER_METHODS)
@pytest.mark.rfc("9110", "15.5.6", "405 with Allow")
def test_refuses_every_other_method(own_token: str, url: str, method: str) -> None:
    answer = send(url, GOOD.get(url, b""), method=method, HTTP_AUTHORIZATION=f"Bearer {own_token}")

    assert answer.status_code == 405
    assert answer["Allow"] == ("POST" if url in GOOD else "GET, HEAD")
    assert answer["Cache-Control"] == "no-store"


RESOURCES = [
    "https://[",
    "https://[::1",
    "https://[::g]/",
    "https://[v1.x]/",
    "https://]/",
    "https://[::1]:99999/",
    "https://example.com:port/",
    "https://\u2100.example/",
    "https://example.com\\@orders.example.com",
    "https://orders.example.com#",
    "https://orders.example.com/",
    "https://orders.example.com.evil.example",
    "HTTPS://orders.example.com",
    "javascript:alert(1)",
    "//orders.example.com",
    "\u202ehttps://orders.example.com",
    "https://orders.example.com\r\n",
    " ",
    "x" * 60_000,
]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda text: ascii(text)[:40])
@pytest.mark.rfc("8707", "2", "invalid_target: invalid, missing, unknown, or malformed")
def test_answers_invalid_target_to_a_resource_that_is_malformed(
    token_endpoint: TokenEndpoint, machine: Machine, resource: str
) -> None:
    body = urlencode({"grant_type": "client_credentials", "resource": resource})

    answer = token_endpoint.post(body, authorization=machine.basic())

    require_refusal(answer, 400, "invalid_target")


SCOPES = ["\u2028", "orders:read\n", '"', "\\", "orders:read\u00a0", "é", "x " * 9_000, "\x7f"]


@pytest.mark.parametrize("scope", SCOPES, ids=lambda text: ascii(text)[:20])
@pytest.mark.rfc(
    "6749", "5.2", "invalid_scope: invalid, unknown, malformed, or exceeding what is granted"
)
def test_answers_invalid_scope_to_a_scope_that_is_malformed(
    token_endpoint: TokenEndpoint, machine: Machine, scope: str
) -> None:
    body = urlencode({"grant_type": "client_credentials", "scope": scope})

    answer = token_endpoint.post(body, authorization=machine.basic())

    require_refusal(answer, 400, "invalid_scope")


BEARERS = [
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer {0}, Bearer {0}",
    "Bearer \xff",
    "Bearer \t{0}",
]


@pytest.mark.parametrize("header", BEARERS, ids=ascii)
@pytest.mark.parametrize("url", [INTROSPECTION_URL, "/oauth/client"])
@pytest.mark.rfc("6750", "3.1", "invalid_request: 400")
def test_refuses_a_bearer_header_that_is_malformed(own_token: str, url: str, header: str) -> None:
    method = "POST" if url in GOOD else "GET"

    answer = send(url, b"token=x", method=method, HTTP_AUTHORIZATION=header.format(own_token))

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "*/*;q=9", "\xff", "application/xml", ",,,"])
@pytest.mark.parametrize("url", DOCUMENTS[1:])
def test_answers_in_json_whatever_is_accepted(signing_key: None, url: str, accept: str) -> None:
    answer = send(url, method="GET", HTTP_ACCEPT=accept)

    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("json")


CONDITIONS = {
    "HTTP_IF_NONE_MATCH": ['"', "W/", "\xff", '"a", ' * 2000],
    "HTTP_IF_MODIFIED_SINCE": ["never", "Thu, 99 Foo 9999 99:99:99 GMT", "0" * 4000],
    "HTTP_RANGE": ["bytes=0-0", "bytes=-", "lines=1"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE"],
    "HTTP_X_FORWARDED_FOR": ["\xff", "1.2.3.4, [", "::ffff:300.1.1.1"],
}


@pytest.mark.parametrize("url", DOCUMENTS[1:])
@pytest.mark.parametrize(
    ("name", "value"), [(name, one) for name, all_ in CONDITIONS.items() for one in all_]
)
def test_is_not_troubled_by_headers_that_are_malformed(
    signing_key: None, url: str, name: str, value: str
) -> None:
    environ: Any = {name: value}

    assert send(url, method="GET", **environ).status_code == 200


wire_text = st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))
credentials = st.builds(
    "{} {}".format,
    st.sampled_from(["Basic", "bearer", "Digest", ""]),
    st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode()) | wire_text,
)
pairs = st.builds(
    "{}={}".format,
    st.sampled_from([*Parameter, "x", "%"]),
    wire_text | st.just("client_credentials"),
)
form_bodies = st.binary(max_size=200) | st.lists(pairs, max_size=5).map(
    lambda written: "&".join(written).encode("latin-1")
)


@pytest.mark.parametrize("url", [*GOOD, "/oauth/client"])
@pytest.mark.rfc("6749", "5.2", "Whatever comes is answered or refused with a registered error")
def test_refuses_whatever_comes(signing_key: None, url: str) -> None:
    @bounded
    @given(wire_text | credentials, form_bodies)
    def try_one(header: str, body: bytes) -> None:
        method = "POST" if url in GOOD else "GET"
        answer = send(url, body, method=method, HTTP_AUTHORIZATION=header)

        assert answer.status_code in {400, 401}
        assert answer["Cache-Control"] == "no-store"
        document = read_json(answer)
        if document != TO_A_STRANGER:
            assert document["error"] in {"invalid_request", "invalid_client", "invalid_token"}
            assert DESCRIPTION.fullmatch(document["error_description"])

    try_one()


@FORMS
@pytest.mark.rfc("6749", "5.2", "Whatever comes is answered or refused with a registered error")
def test_answers_or_refuses_whatever_a_client_sends(
    signing_key: None, machine: Machine, url: str
) -> None:
    @bounded
    @given(form_bodies)
    def try_one(body: bytes) -> None:
        answer = send(url, body, HTTP_AUTHORIZATION=machine.basic())

        assert answer.status_code in {200, 400}
        assert answer["Cache-Control"] == "no-store"

    try_one()
