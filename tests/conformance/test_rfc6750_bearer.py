"""RFC 6750: bearer tokens at an API, and the challenges it answers with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.jwts import with_claims
from tests.machines import Machine, TokenEndpoint, call, register


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


@pytest.mark.rfc("6750", "2.1", "MUST support the Authorization header")
def test_opens_to_a_token_in_the_header(token: str, machine: Machine) -> None:
    answer = call(token=token)

    assert answer.status_code == 200
    assert answer.json()["user"] == f"client:{machine.client_id}"


@pytest.mark.rfc("9110", "11.1", "The scheme name is compared without regard to case")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_takes_any_case_of_bearer(token: str, scheme: str) -> None:
    assert call(header=f"{scheme} {token}").status_code == 200


@pytest.mark.rfc("6750", "3", "401 MUST carry WWW-Authenticate: Bearer with a parameter")
@pytest.mark.rfc("6750", "3.1", "No error code where no credentials were sent")
def test_challenges_a_stranger_without_an_error_code(db: None) -> None:
    answer = call()

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.rfc("6750", "3.1", "invalid_token: 401")
@pytest.mark.parametrize(
    "change",
    [{"scope": "orders:write"}, {"aud": "x"}, {"exp": 99999999999}, {"client_generation": 2}],
    ids=str,
)
def test_refuses_a_token_that_was_altered(token: str, change: dict[str, Any]) -> None:
    answer = call(token=with_claims(token, **change))

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1", "invalid_token: 401")
@pytest.mark.parametrize("garbage", ["abc", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_refuses_what_is_no_token(db: None, garbage: str) -> None:
    answer = call(token=garbage)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1", "invalid_request: 400")
@pytest.mark.parametrize(
    "header",
    [
        *("Bearer", "Bearer ", "Bearer a b", "Bearer ä"),
        *("Bearer a, Bearer b", "Bearer a,Basic YTpi", "Basic YTpi,Bearer a", "DPoP a, bearer b"),
    ],
)
def test_refuses_a_malformed_header(db: None, header: str) -> None:
    answer = call(header=header)

    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1", "insufficient_scope: 403, MAY name the scope")
def test_names_the_missing_scope(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    narrow = token_endpoint.access_token(machine, scope="orders:read")

    answer = call(token=narrow, method="POST")

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert 'scope="orders:write"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3", "Each attribute appears at most once")
def test_states_each_attribute_once(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    narrow = token_endpoint.access_token(machine, scope="orders:read")

    header = call(token=narrow, method="POST")["WWW-Authenticate"]

    for attribute in ("realm=", "error=", "error_description=", " scope="):
        assert header.count(attribute) == 1


@pytest.mark.rfc("6750", "2.3", "A token in the query counts as none")
@pytest.mark.rfc("6750", "2.2", "A token in the body counts as none")
def test_ignores_tokens_elsewhere_than_in_the_header(token: str) -> None:
    in_query = call(f"/api/scoped/?access_token={token}")
    in_body = call(
        method="POST",
        data=f"access_token={token}".encode(),
        content_type="application/x-www-form-urlencoded",
    )

    assert (in_query.status_code, in_body.status_code) == (401, 401)


FORM = "application/x-www-form-urlencoded"
TWICE: dict[str, dict[str, Any]] = {
    "in the query": {"path": "/api/scoped/?access_token=x"},
    "in the query, empty": {"path": "/api/scoped/?access_token="},
    "in the form": {"method": "POST", "data": b"a=1&access_token=x", "content_type": FORM},
    "in the form, written otherwise": {
        "method": "POST",
        "data": b"acces%73_token=x",
        "content_type": f"{FORM.upper()}; charset=UTF-8",
    },
    "in the form of another method": {
        "method": "PUT",
        "data": b"access_token=x",
        "content_type": FORM,
    },
}


@pytest.mark.rfc("6750", "2", "MUST NOT use more than one method to transmit the token")
@pytest.mark.rfc("6750", "3.1", "more than one method for including an access token: 400")
@pytest.mark.parametrize("request_", TWICE.values(), ids=TWICE)
def test_refuses_a_token_that_is_sent_in_two_ways(token: str, request_: dict[str, Any]) -> None:
    answer = call(**request_, token=token)

    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer["WWW-Authenticate"]


ONCE: dict[str, dict[str, Any]] = {
    "another parameter": {"data": b"access=1", "content_type": FORM},
    "in JSON": {"data": b'{"access_token": "x"}', "content_type": "application/json"},
    "an empty form": {"data": b"", "content_type": FORM},
}


@pytest.mark.rfc("6750", "2.2", "a token in a body counts where it is a form")
@pytest.mark.parametrize("request_", ONCE.values(), ids=ONCE)
def test_takes_nothing_else_for_a_second_token(token: str, request_: dict[str, Any]) -> None:
    assert call(**request_, token=token, method="POST").status_code == 200


def test_still_hands_the_form_to_the_view(token: str) -> None:
    answer = call("/api/echo/", token=token, method="POST", data=b"a=1&b=%C3%A9", content_type=FORM)

    assert answer.json() == {"a": "1", "b": "é"}


@pytest.mark.rfc("6750", "5.2", "The token is restricted to one audience, and no other accepts it")
@pytest.mark.rfc("OAuth 2.1", "5.2", "The resource server MUST verify that the token is for it")
@pytest.mark.rfc("9700", "2.3", "A resource server MUST refuse tokens for another")
def test_refuses_a_token_for_another_api(token: str) -> None:
    answer = call("/api/billing/", token=token)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("9068", "4", "exp: the token MUST NOT be accepted after it")
def test_refuses_an_expired_token(token: str, time_machine: Any) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=600 + 31))

    answer = call(token=token)

    assert answer.status_code == 401
    assert "expired" in answer["WWW-Authenticate"]


def test_accepts_a_token_within_the_leeway(token: str, time_machine: Any) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=600 + 25))

    assert call(token=token).status_code == 200


def test_needs_no_more_than_the_scope_of_the_action(token_endpoint: TokenEndpoint) -> None:
    reader = token_endpoint.access_token(register(scopes=["orders:read"]))

    statuses = [
        call("/api/actions/", token=reader).status_code,
        call("/api/actions/", token=reader, method="POST").status_code,
        call("/api/actions/1/", token=reader, method="DELETE").status_code,
    ]

    assert statuses == [200, 403, 403]
