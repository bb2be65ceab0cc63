"""What holds at each OAuth endpoint that takes credentials alike."""

import re
from typing import Any

import pytest
from django.test import Client as HTTPClient

from tests.conformance.test_rfc6749_success import assert_uncached_json
from tests.machines import (
    FORM,
    INTROSPECTION_URL,
    REVOCATION_URL,
    TOKEN_URL,
    Machine,
    TokenEndpoint,
    encode,
    read_json,
)

ENDPOINTS = pytest.mark.parametrize("url", [TOKEN_URL, REVOCATION_URL, INTROSPECTION_URL])
OWN_CLIENT_URL = "/oauth/client"
GOOD = {"grant_type": "client_credentials", "token": "x"}
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")


@ENDPOINTS
@pytest.mark.rfc("6749", "2.3", "MUST NOT use more than one authentication method per request")
def test_refuses_two_methods(token_endpoint: TokenEndpoint, machine: Machine, url: str) -> None:
    body = encode({**GOOD, **machine.body_credentials()})

    answer = token_endpoint.post(body, path=url, authorization=machine.basic())

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@ENDPOINTS
@pytest.mark.rfc("6749", "2.3.1", "MUST support Basic; MAY support credentials in the body")
@pytest.mark.rfc("OAuth 2.1", "2.4.1", "client_secret_post MUST be supported, Basic MAY be")
@pytest.mark.parametrize("method", ["basic", "body"])
def test_takes_the_secret_either_way(
    token_endpoint: TokenEndpoint, machine: Machine, url: str, method: str
) -> None:
    in_body = machine.body_credentials() if method == "body" else {}
    header = machine.basic() if method == "basic" else None

    answer = token_endpoint.post(encode({**GOOD, **in_body}), path=url, authorization=header)

    assert answer.status_code == 200


FAILURES: dict[str, dict[str, Any]] = {
    "no credentials": {},
    "a malformed body": {"body": b"token=%ff"},
    "another media type": {"content_type": "application/json"},
    "an unknown client": {"authorization": "Basic bm9ib2R5Ong="},
    "an unknown scheme": {"authorization": "Digest username=x"},
    "plain HTTP": {"secure": False},
}


@ENDPOINTS
@pytest.mark.rfc("6749", "5.2", "Errors are JSON; error_description in its characters alone")
@pytest.mark.rfc(
    "6749", "5.1", "Cache-Control: no-store and Pragma: no-cache MUST be included, in errors too"
)
@pytest.mark.rfc("OAuth 2.1", "3.2.3", "Cache-Control: no-store MUST be included")
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_answers_errors_in_one_form(
    token_endpoint: TokenEndpoint, url: str, failure: dict[str, Any]
) -> None:
    answer = token_endpoint.post(**{"body": encode(GOOD), "path": url, **failure})

    assert answer.status_code in {400, 401}
    assert_uncached_json(answer)
    assert DESCRIPTION.fullmatch(read_json(answer)["error_description"])


@ENDPOINTS
@pytest.mark.rfc("6749", "5.2", "invalid_client: 401 and a challenge of the scheme that was used")
def test_challenges_who_failed_by_basic(token_endpoint: TokenEndpoint, url: str) -> None:
    answer = token_endpoint.post(encode(GOOD), path=url, authorization="Basic bm9ib2R5Ong=")

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


@ENDPOINTS
@pytest.mark.rfc("6749", "2.3.1", "Credentials MUST NOT be included in the request URI")
def test_refuses_credentials_in_the_uri(
    token_endpoint: TokenEndpoint, machine: Machine, url: str
) -> None:
    query = encode(machine.body_credentials())

    answer = token_endpoint.post(encode(GOOD), path=f"{url}?{query}")

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@ENDPOINTS
@pytest.mark.rfc("9110", "15.5.6", "405 with Allow")
@pytest.mark.parametrize("method", ["get", "put", "options"])
def test_takes_post_alone(db: None, url: str, method: str) -> None:
    answer = getattr(HTTPClient(), method)(url, secure=True)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.rfc(
    "6750", "5.3", "Tokens MUST NOT be stored in cookies that can be sent in the clear"
)
@pytest.mark.parametrize(
    "url", [TOKEN_URL, REVOCATION_URL, INTROSPECTION_URL, OWN_CLIENT_URL, "/api/scoped/"]
)
def test_sets_no_cookie(token_endpoint: TokenEndpoint, machine: Machine, url: str) -> None:
    posted = token_endpoint.post(encode(GOOD), path=url, authorization=machine.basic())
    token = token_endpoint.access_token(machine)
    browser = HTTPClient()

    browser.post(url, encode(GOOD), FORM, secure=True, headers={"authorization": f"Bearer {token}"})

    assert not posted.cookies
    assert not browser.cookies
