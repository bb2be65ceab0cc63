"""RFC 6749 §5.2 and §2.3: what a bad request gets."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client as HTTPClient

from tests.conformance.test_rfc6749_success import assert_uncached_json
from tests.machines import FORM, TOKEN_URL, Machine, TokenEndpoint, encode, read_json, register

GOOD = "grant_type=client_credentials"
REFERENCE = re.compile(r" \(reference [0-9a-f]{16}\)$")
ALLOWED_CHARACTERS = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")


def basic(pair: bytes) -> str:
    return f"Basic {base64.b64encode(pair).decode()}"


def assert_refused(answer: HttpResponse, status: int, error: str) -> None:
    assert (answer.status_code, read_json(answer)["error"]) == (status, error)
    assert_uncached_json(answer)
    description = read_json(answer)["error_description"]
    assert REFERENCE.search(description)
    assert ALLOWED_CHARACTERS.fullmatch(description)


@pytest.mark.rfc("6749", "2.3", "MUST NOT use more than one authentication method per request")
@pytest.mark.parametrize(
    "extra",
    [
        "client_secret=x",
        "client_id=a&client_secret=b",
        "client_assertion=x&client_assertion_type=y",
    ],
)
def test_refuses_two_methods(token_endpoint: TokenEndpoint, machine: Machine, extra: str) -> None:
    answer = token_endpoint.post(f"{GOOD}&{extra}", authorization=machine.basic())

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("6749", "2.3", "Body credentials and an assertion are two methods")
def test_refuses_a_secret_beside_an_assertion(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    form = {"grant_type": "client_credentials", **machine.body_credentials()}

    answer = token_endpoint.post(f"{encode(form)}&client_assertion=x")

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("6749", "3.2.1", "client_id MUST be that of the client that authenticates")
def test_refuses_a_client_id_other_than_the_one_that_authenticates(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answer = token_endpoint.post(f"{GOOD}&client_id=another", authorization=machine.basic())

    assert_refused(answer, 400, "invalid_request")


def test_accepts_the_same_client_id_beside_basic(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answer = token_endpoint.post(
        f"{GOOD}&client_id={machine.client_id}", authorization=machine.basic()
    )

    assert answer.status_code == 200


MALFORMED_HEADERS = {
    "no base64": "Basic !!!",
    "nothing": "Basic",
    "blank": "Basic  ",
    "no colon": basic(b"abc"),
    "invalid UTF-8": basic(b"\xff\xfe:\xff"),
    "NUL": basic(b"a\x00b:c"),
    "encoded NUL": basic(b"a%00b:c"),
    "broken escape": basic(b"a%zz:c"),
    "empty": basic(b":"),
    "unknown scheme": "Digest username=x",
    "Bearer": "Bearer abc",
    "latin-1": "Basic \xe9\xe9",
}


@pytest.mark.rfc("6749", "5.2", "invalid_client: 401 and a challenge of the scheme that was used")
@pytest.mark.parametrize("header", MALFORMED_HEADERS.values(), ids=MALFORMED_HEADERS.keys())
def test_answers_invalid_client_to_a_malformed_header(
    token_endpoint: TokenEndpoint, header: str
) -> None:
    answer = token_endpoint.post(authorization=header)

    assert_refused(answer, 401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.rfc("6749", "5.2", "invalid_client: no client authentication included")
@pytest.mark.parametrize("body", [GOOD, f"{GOOD}&client_id=abc", f"{GOOD}&client_secret=abc"])
def test_answers_invalid_client_without_credentials(
    token_endpoint: TokenEndpoint, body: str
) -> None:
    answer = token_endpoint.post(body)

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.rfc("6749", "5.2", "invalid_client: unsupported authentication method")
def test_answers_invalid_client_to_an_assertion(token_endpoint: TokenEndpoint) -> None:
    answer = token_endpoint.post(f"{GOOD}&client_assertion=x&client_assertion_type=y")

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.rfc("6749", "5.2", "invalid_client: client authentication failed")
def test_refuses_a_wrong_secret(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    answer = token_endpoint.post(authorization=basic(f"{machine.client_id}:wrong".encode()))

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.rfc("6749", "5.2", "invalid_client: client authentication failed")
def test_refuses_an_expired_secret(token_endpoint: TokenEndpoint) -> None:
    machine = register(secret_expires_at=datetime.now(UTC) - timedelta(seconds=1))

    answer = token_endpoint.post(authorization=machine.basic())

    assert_refused(answer, 401, "invalid_client")


@pytest.mark.rfc("6749", "5.2", "unsupported_grant_type: the server lacks the grant")
@pytest.mark.parametrize("grant_type", ["password", "refresh_token", "Client_Credentials", "%20"])
def test_refuses_another_grant(
    token_endpoint: TokenEndpoint, machine: Machine, grant_type: str
) -> None:
    answer = token_endpoint.post(f"grant_type={grant_type}", authorization=machine.basic())

    assert_refused(answer, 400, "unsupported_grant_type")


@pytest.mark.rfc("6749", "4.4.2", "grant_type REQUIRED")
@pytest.mark.parametrize("body", ["", "grant_type=", "scope=orders:read"])
def test_refuses_a_request_without_a_grant_type(
    token_endpoint: TokenEndpoint, machine: Machine, body: str
) -> None:
    answer = token_endpoint.post(body, authorization=machine.basic())

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("OAuth 2.1", "3.2", "Parameters MUST NOT be included more than once")
@pytest.mark.rfc("6749", "3.2", "Parameters MUST NOT be included more than once")
@pytest.mark.parametrize(
    "repeated", ["grant_type=client_credentials", "scope=a&scope=a", "x=1&x=2"]
)
def test_refuses_a_repeated_parameter(
    token_endpoint: TokenEndpoint, machine: Machine, repeated: str
) -> None:
    answer = token_endpoint.post(f"{GOOD}&{repeated}", authorization=machine.basic())

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc(
    "6749", "5.2", "invalid_scope: invalid, unknown, malformed, or exceeding what is granted"
)
@pytest.mark.parametrize(
    "scope",
    [
        "unknown",
        "orders:read unknown",
        "billing:read",
        "ORDERS:READ",
        '"',
        "a\\b",
        " ",
        "é",
        "a  b",
    ],
)
def test_refuses_scope_the_client_does_not_hold(
    token_endpoint: TokenEndpoint, machine: Machine, scope: str
) -> None:
    body = encode({"grant_type": "client_credentials", "scope": scope})

    answer = token_endpoint.post(body, authorization=machine.basic())

    assert_refused(answer, 400, "invalid_scope")


MALFORMED_BODIES = {
    "invalid UTF-8": b"grant_type=%ff",
    "raw bytes": b"grant_type=\xff\xfe",
    "NUL": b"grant_type=client_credentials%00",
    "raw NUL": b"grant_type=client_credentials\x00",
    "broken escape": b"grant_type=%zz",
    "1 MB of scope": b"grant_type=client_credentials&scope=" + b"a" * 1_000_000,
    "4 MB": b"grant_type=client_credentials&scope=" + b"a" * 4_000_000,
    "1,000 parameters": b"&".join(b"p%d=1" % number for number in range(1000)),
}


@pytest.mark.rfc("6749", "5.2", "invalid_request: otherwise malformed")
@pytest.mark.parametrize("body", MALFORMED_BODIES.values(), ids=MALFORMED_BODIES.keys())
def test_answers_invalid_request_to_a_malformed_body(
    token_endpoint: TokenEndpoint, machine: Machine, body: bytes
) -> None:
    answer = token_endpoint.post(body, authorization=machine.basic())

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("6749", "4.4.2", "The parameters are sent in application/x-www-form-urlencoded")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data; boundary=x", "text/plain", "application/xml"],
)
def test_refuses_another_media_type(
    token_endpoint: TokenEndpoint, machine: Machine, content_type: str
) -> None:
    answer = token_endpoint.post(
        '{"grant_type": "client_credentials"}',
        authorization=machine.basic(),
        content_type=content_type,
    )

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("6749", "2.3.1", "Credentials MUST NOT be included in the request URI")
@pytest.mark.parametrize(
    "query",
    [
        "client_id=a&client_secret=b",
        "client%5Fsecret=b",
        "grant_type=client_credentials",
        "scope=a",
    ],
)
def test_refuses_parameters_in_the_uri(
    token_endpoint: TokenEndpoint, machine: Machine, query: str
) -> None:
    answer = token_endpoint.post(authorization=machine.basic(), path=f"{TOKEN_URL}?{query}")

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.rfc("6749", "3.2", "The client MUST use POST")
@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_refuses_another_method(signing_key: None, method: str) -> None:
    send: Callable[..., HttpResponse] = getattr(HTTPClient(), method)

    answer = send(TOKEN_URL, secure=True)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer["Cache-Control"] == "no-store"
    if method != "head":
        assert_refused(answer, 405, "invalid_request")


@pytest.mark.rfc("6749", "3.2", "TLS is REQUIRED at the token endpoint")
def test_refuses_plain_http(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    answer = token_endpoint.post(authorization=machine.basic(), secure=False)

    assert_refused(answer, 400, "invalid_request")


def test_explains_a_missing_content_type(signing_key: None, machine: Machine) -> None:
    answer = HTTPClient().generic(
        "POST",
        TOKEN_URL,
        GOOD,
        content_type="",
        headers={"authorization": machine.basic()},
        secure=True,
    )

    assert FORM in read_json(answer)["error_description"]
