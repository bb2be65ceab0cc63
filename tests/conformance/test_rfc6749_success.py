"""RFC 6749 §4.4 and §5.1: what a good request gets."""

import pytest

from tests.machines import Machine, TokenEndpoint, encode, read_json


@pytest.mark.rfc("6749", "5.1", "REQUIRED access_token and token_type, RECOMMENDED expires_in")
def test_answers_with_a_bearer_token(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    document = token_endpoint.issue(machine)

    assert document["token_type"] == "Bearer"
    assert document["expires_in"] == 600
    assert document["scope"] == "orders:read orders:write"
    assert document["access_token"].count(".") == 2


@pytest.mark.rfc("6749", "2.3.1", "MAY support credentials in the request body")
def test_accepts_credentials_in_the_body(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    form = {"grant_type": "client_credentials", **machine.body_credentials()}

    answer = token_endpoint.post(encode(form))

    assert answer.status_code == 200
    assert read_json(answer)["token_type"] == "Bearer"
