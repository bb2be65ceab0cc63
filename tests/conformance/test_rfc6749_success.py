"""RFC 6749 §4.4 and §5.1: what a good request gets."""

import pytest
from django.http import HttpResponse

from tests.machines import Machine, TokenEndpoint, encode, read_json, register


@pytest.mark.rfc("6749", "5.1", "access_token and token_type REQUIRED, expires_in RECOMMENDED")
@pytest.mark.rfc(
    "6749", "3.3", "scope MUST be returned where it is not what was asked for: it always is"
)
@pytest.mark.rfc("6750", "5.3", "Issue short-lived bearer tokens: an hour or less")
def test_answers_with_what_the_grant_is_for(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    document = token_endpoint.issue(machine)

    assert document.pop("access_token").count(".") == 2
    assert document == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "orders:read orders:write",
    }


@pytest.mark.rfc("6749", "4.4.3", "A refresh token SHOULD NOT be included")
def test_gives_no_refresh_token(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    assert "refresh_token" not in token_endpoint.issue(machine)


@pytest.mark.rfc("OAuth 2.1", "2.4.1", "client_secret_post MUST be supported")
@pytest.mark.rfc("6749", "2.3.1", "MUST support Basic; MAY support credentials in the body")
def test_accepts_credentials_in_the_body(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    form = {"grant_type": "client_credentials", **machine.body_credentials()}

    answer = token_endpoint.post(encode(form))

    assert answer.status_code == 200


@pytest.mark.rfc("9110", "11.1", "The scheme name is compared without regard to case")
@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIc"])
def test_accepts_any_case_of_basic(
    token_endpoint: TokenEndpoint, machine: Machine, scheme: str
) -> None:
    encoded = machine.basic().partition(" ")[2]

    answer = token_endpoint.post(authorization=f"{scheme} {encoded}")

    assert answer.status_code == 200


@pytest.mark.rfc("OAuth 2.1", "3.2.3", "Cache-Control: no-store MUST be included")
@pytest.mark.rfc(
    "6749", "5.1", "Cache-Control: no-store and Pragma: no-cache MUST be included, in errors too"
)
def test_forbids_caches_to_keep_the_token(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    answer = token_endpoint.post(authorization=machine.basic())

    assert_uncached_json(answer)


@pytest.mark.rfc("OAuth 2.1", "3.2", "Unrecognized parameters MUST be ignored")
@pytest.mark.rfc("6749", "3.2", "Unrecognized request parameters MUST be ignored")
def test_ignores_unknown_parameters(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    document = token_endpoint.issue(machine, audience="https://elsewhere.example", foo="bar")

    assert document["scope"] == "orders:read orders:write"


@pytest.mark.rfc("OAuth 2.1", "3.2", "Parameters without a value MUST be treated as omitted")
@pytest.mark.rfc("6749", "3.2", "Parameters without a value MUST be treated as omitted")
@pytest.mark.parametrize("name", ["scope", "resource", "client_id", "client_secret"])
def test_treats_an_empty_parameter_as_omitted(
    token_endpoint: TokenEndpoint, machine: Machine, name: str
) -> None:
    document = token_endpoint.issue(machine, **{name: ""})

    assert document["scope"] == "orders:read orders:write"


@pytest.mark.rfc("6749", "3.3", "The order of scope strings does not matter")
def test_takes_scope_in_any_order(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    document = token_endpoint.issue(machine, scope="orders:write orders:read")

    assert document["scope"] == "orders:read orders:write"


@pytest.mark.rfc("9700", "2.3", "Privileges SHOULD be restricted to the minimum required")
@pytest.mark.rfc("6749", "3.3", "The client may ask for less than it holds")
def test_narrows_the_scope_on_request(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    document = token_endpoint.issue(machine, scope="orders:read")

    assert document["scope"] == "orders:read"


def test_accepts_any_live_secret_until_it_expires(token_endpoint: TokenEndpoint) -> None:
    machine = register(secret_expires_at=None)

    answer = token_endpoint.post(authorization=machine.basic())

    assert answer.status_code == 200


def test_accepts_a_charset_with_the_media_type(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answer = token_endpoint.post(
        authorization=machine.basic(),
        content_type="application/x-www-form-urlencoded; charset=UTF-8",
    )

    assert answer.status_code == 200


def assert_uncached_json(answer: HttpResponse) -> None:
    """Every answer of the token endpoint looks like this."""
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Pragma"] == "no-cache"
    assert isinstance(read_json(answer), dict)
