"""RFC 6749 §4.4.2 and §5.1: the messages of the token endpoint."""

from datetime import timedelta

import pytest

from django_cc.protocol.errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthError,
    UnsupportedGrantType,
)
from django_cc.protocol.form import Form
from django_cc.protocol.names import FORM_MEDIA_TYPE
from django_cc.protocol.scope import Scope
from django_cc.protocol.token_endpoint import TokenRequest, TokenResponse

GRANT = b"grant_type=client_credentials&"


def read(body: bytes) -> TokenRequest:
    return TokenRequest.from_form(Form.parse(body, content_type=FORM_MEDIA_TYPE))


@pytest.mark.rfc("6749", "4.4.2", "grant_type REQUIRED, scope OPTIONAL")
def test_reads_what_is_asked_for() -> None:
    request = read(b"grant_type=client_credentials&scope=b+a&resource=https://api.example.com")

    assert request == TokenRequest(Scope.parse("a b"), "https://api.example.com")


@pytest.mark.rfc("6749", "3.2", "Unrecognized request parameters MUST be ignored")
@pytest.mark.parametrize("body", [b"", b"unknown=a", b"scope=&resource="], ids=repr)
def test_leaves_to_the_server_what_is_not_asked_for(body: bytes) -> None:
    assert read(GRANT + body) == TokenRequest(None, None)


GRANT_TYPES: dict[str, tuple[bytes, type[OAuthError]]] = {
    "missing": (b"", InvalidRequest),
    "empty": (b"grant_type=", InvalidRequest),
    "authorization_code": (b"grant_type=authorization_code", UnsupportedGrantType),
    "another case": (b"grant_type=Client_Credentials", UnsupportedGrantType),
    "another and a bad scope": (b"grant_type=password&scope=%22", UnsupportedGrantType),
}


@pytest.mark.rfc("6749", "5.2", "invalid_request without grant_type, unsupported_grant_type else")
@pytest.mark.parametrize(("body", "error"), GRANT_TYPES.values(), ids=GRANT_TYPES)
def test_serves_client_credentials_only(body: bytes, error: type[OAuthError]) -> None:
    with pytest.raises(error):
        read(body)


@pytest.mark.rfc(
    "6749", "5.2", "invalid_scope: invalid, unknown, malformed, or exceeding what is granted"
)
@pytest.mark.parametrize("scope", [b"+", b"a++b", b"%22", b"a%0Ab"], ids=repr)
def test_refuses_a_malformed_scope(scope: bytes) -> None:
    with pytest.raises(InvalidScope):
        read(GRANT + b"scope=" + scope)


@pytest.mark.rfc("8707", "2", "invalid_target: invalid, missing, unknown, or malformed")
@pytest.mark.parametrize("parameters", [b"resource=a", b"resource=urn:a&resource=urn:b"], ids=repr)
def test_refuses_a_malformed_or_second_resource(parameters: bytes) -> None:
    with pytest.raises(InvalidTarget):
        read(GRANT + parameters)


@pytest.mark.rfc("6749", "5.1", "access_token and token_type REQUIRED; 4.4.3: no refresh token")
def test_answers_with_a_bearer_token_and_no_refresh_token() -> None:
    response = TokenResponse("a.b.c", timedelta(minutes=10), Scope.parse("b a"))

    assert response.to_json() == {
        "access_token": "a.b.c",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "a b",
    }


@pytest.mark.rfc("6749", "5.1", "expires_in: the lifetime in seconds")
def test_never_promises_a_part_of_a_second() -> None:
    response = TokenResponse("a.b.c", timedelta(seconds=9, microseconds=999_999), Scope.parse("a"))

    assert response.to_json()["expires_in"] == 9
