"""RFC 8707 §2 and RFC 9068 §3: which API a token is for."""

import pytest
from django.core.exceptions import ValidationError

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.models import API
from tests.jwts import read_claims
from tests.machines import ACTOR, Machine, TokenEndpoint, encode, read_json, register
from tests.projects.combined import BILLING_API, ORDERS_API


@pytest.fixture
def two_apis(db: None) -> Machine:
    """A client that may call two APIs."""
    return register(scopes=["orders:read", "billing:read", "shared:read"])


def refuse(endpoint: TokenEndpoint, machine: Machine, **parameters: str) -> tuple[int, str]:
    form = {"grant_type": "client_credentials", **parameters}
    answer = endpoint.post(encode(form), authorization=machine.basic())
    return answer.status_code, read_json(answer)["error"]


@pytest.mark.rfc("9700", "2.3", "Access tokens SHOULD be audience-restricted")
@pytest.mark.rfc("9068", "2.2.3", "Every scope MUST mean something for aud")
@pytest.mark.rfc("8707", "2", "The token is audience-restricted to the resource")
def test_restricts_the_token_to_the_resource(
    token_endpoint: TokenEndpoint, two_apis: Machine
) -> None:
    token = token_endpoint.access_token(two_apis, resource=BILLING_API)

    claims = read_claims(token)
    assert claims["aud"] == BILLING_API
    assert claims["scope"] == "billing:read shared:read"


@pytest.mark.rfc("8707", "2.2", "The scope is narrowed to the resource")
def test_refuses_scope_of_another_api_than_the_resource(
    token_endpoint: TokenEndpoint, two_apis: Machine
) -> None:
    refusal = refuse(token_endpoint, two_apis, resource=BILLING_API, scope="orders:read")

    assert refusal == (400, "invalid_scope")


BAD_RESOURCES = {
    "unknown": "https://unknown.example.com",
    "prefix of a known one": ORDERS_API[:-1],
    "known one with a slash": f"{ORDERS_API}/",
    "other case": ORDERS_API.upper(),
    "relative": "/orders",
    "with a fragment": f"{ORDERS_API}#x",
    "bad IPv6": "https://[::1",
    "not ASCII": "https://ördérs.example.com",
    "blanks": "https://a b",
}


@pytest.mark.rfc("8707", "2", "invalid_target: invalid, missing, unknown, or malformed")
@pytest.mark.parametrize("resource", BAD_RESOURCES.values(), ids=BAD_RESOURCES.keys())
def test_refuses_a_resource_without_saying_what_is_wrong(
    token_endpoint: TokenEndpoint, two_apis: Machine, resource: str
) -> None:
    assert refuse(token_endpoint, two_apis, resource=resource) == (400, "invalid_target")


@pytest.mark.rfc("8707", "2", "Words do not tell a resource unknown from one not granted")
def test_uses_the_same_words_for_unknown_and_not_granted(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=["orders:read"])
    described = []
    for resource in (BILLING_API, "https://unknown.example.com"):
        form = {"grant_type": "client_credentials", "resource": resource}
        answer = token_endpoint.post(encode(form), authorization=machine.basic())
        described.append(read_json(answer)["error_description"].partition(" (reference")[0])

    assert described[0] == described[1]


@pytest.mark.rfc("8707", "3", "A token for several resources could be replayed among them")
def test_refuses_several_resources(token_endpoint: TokenEndpoint, two_apis: Machine) -> None:
    body = encode({"grant_type": "client_credentials", "resource": ORDERS_API})

    answer = token_endpoint.post(f"{body}&resource={BILLING_API}", authorization=two_apis.basic())

    assert read_json(answer)["error"] == "invalid_target"


@pytest.mark.rfc("9068", "3", "Without resource the server SHOULD infer aud from the scope")
def test_infers_the_api_from_the_scope(token_endpoint: TokenEndpoint, two_apis: Machine) -> None:
    token = token_endpoint.access_token(two_apis, scope="billing:read")

    assert read_claims(token)["aud"] == BILLING_API


@pytest.mark.rfc("9068", "3", "Scopes of different resources SHOULD be refused: invalid_scope")
def test_refuses_scopes_of_two_apis(token_endpoint: TokenEndpoint, two_apis: Machine) -> None:
    refusal = refuse(token_endpoint, two_apis, scope="orders:read billing:read")

    assert refusal == (400, "invalid_scope")


@pytest.mark.rfc("6749", "3.3", "Without scope: a documented default, or invalid_scope")
def test_refuses_to_guess_between_two_apis(
    token_endpoint: TokenEndpoint, two_apis: Machine
) -> None:
    assert refuse(token_endpoint, two_apis) == (400, "invalid_scope")


@pytest.mark.rfc("9068", "3", "Without resource the server MUST use a default aud")
def test_uses_the_default_api_of_the_client(
    token_endpoint: TokenEndpoint, two_apis: Machine
) -> None:
    two_apis.row.default_api = API.objects.get(identifier=BILLING_API)
    two_apis.row.save()

    token = token_endpoint.access_token(two_apis)

    assert read_claims(token)["aud"] == BILLING_API


@pytest.mark.rfc("9700", "2.3", "Privileges SHOULD be restricted to the minimum required")
def test_refuses_a_client_without_access(token_endpoint: TokenEndpoint) -> None:
    machine = register(scopes=[])

    assert refuse(token_endpoint, machine) == (400, "invalid_scope")


@pytest.mark.rfc("9068", "5", "Each API MUST have an audience of its own")
def test_gives_no_two_apis_one_audience(db: None) -> None:
    with pytest.raises(ValidationError, match="already an API"):
        create_api(ORDERS_API, ACTOR)


@pytest.mark.rfc("8707", "2", "Several values of resource are refused, equal ones too")
def test_refuses_the_same_resource_twice(token_endpoint: TokenEndpoint, two_apis: Machine) -> None:
    body = encode({"grant_type": "client_credentials", "resource": ORDERS_API})

    answer = token_endpoint.post(f"{body}&resource={ORDERS_API}", authorization=two_apis.basic())

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_target")
