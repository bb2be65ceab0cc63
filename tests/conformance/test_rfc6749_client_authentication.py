"""RFC 6749 §2.3 and §4.4: which clients there are, and how they prove it."""

import base64

import pytest
from oauth2_provider.models import get_application_model

from django_cc.authorization_server.clients.secret_format import generate_secret
from tests.machines import Machine, TokenEndpoint, encode, read_json


def percent_encode(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def basic(client_id: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


@pytest.mark.rfc("6749", "2.3.1", "Basic: both halves form-urlencoded, split at the first colon")
def test_decodes_both_halves_of_basic(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    header = basic(percent_encode(machine.client_id), percent_encode(machine.client_secret))

    assert token_endpoint.post(authorization=header).status_code == 200


@pytest.mark.rfc("6749", "2.3.1", "Basic: both halves form-urlencoded, split at the first colon")
def test_splits_before_it_decodes(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    whole = f"{machine.client_id}%3A{machine.client_secret}"
    header = f"Basic {base64.b64encode(whole.encode()).decode()}"

    answer = token_endpoint.post(authorization=header)

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")


@pytest.mark.rfc("6749", "4.4", "The grant MUST only be used by confidential clients")
@pytest.mark.rfc("OAuth 2.1", "4.2", "The grant MUST only be used by confidential clients")
@pytest.mark.parametrize("client_type", ["public", "confidential"])
def test_serves_no_application_that_is_no_machine_client(
    token_endpoint: TokenEndpoint, client_type: str
) -> None:
    get_application_model().objects.create(
        client_id="app",
        client_secret="known",
        hash_client_secret=False,
        client_type=client_type,
        authorization_grant_type="client-credentials",
    )

    bodies = ({"client_id": "app"}, {"client_id": "app", "client_secret": "known"})
    answers = [
        token_endpoint.post(encode({"grant_type": "client_credentials", **body})) for body in bodies
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert {read_json(answer)["error"] for answer in answers} == {"invalid_client"}


@pytest.mark.rfc("6749", "4.4.2", "The client MUST authenticate")
@pytest.mark.parametrize("grant", ["client_credentials", "password", "none"])
def test_authenticates_before_it_looks_at_the_grant(
    token_endpoint: TokenEndpoint, grant: str
) -> None:
    answer = token_endpoint.post(encode({"grant_type": grant, "scope": "orders:read"}))

    assert (answer.status_code, read_json(answer)["error"]) == (401, "invalid_client")


@pytest.mark.rfc("6749", "10.10", "Guessing a secret MUST be as likely as 2^-128, SHOULD as 2^-160")
def test_makes_secrets_that_differ_in_every_place() -> None:
    bodies = [generate_secret().reveal().removeprefix("dccs_")[:43] for _ in range(200)]

    # 43 places of 62 characters are 256 bits. Chance alone leaves a place of 200 with fewer than
    # 40 different ones in no lifetime; a place that is constant or poor would be seen.
    assert all(len({body[place] for body in bodies}) >= 40 for place in range(43))
