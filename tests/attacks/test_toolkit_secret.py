"""Threat: authenticate a machine client at the toolkit's endpoints, without our validator there.

With it the column is never compared: see `test_toolkit_endpoints`.
"""

import base64
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from oauth2_provider.models import get_application_model
from oauth2_provider.views import IntrospectTokenView, RevokeTokenView, TokenView

from tests.machines import FORM, Machine, encode, register
from tests.toolkit import set_toolkit

pytestmark = pytest.mark.django_db


def stored_secret(machine: Machine) -> str:
    application = get_application_model().objects.get(client_id=machine.client_id)
    secret: str = application.client_secret
    return secret


# The last was once meant as a marker that matches nothing. A project whose PASSWORD_HASHERS lack
# PBKDF2 would have compared it as plain text: a secret of every client, known to everybody.
CONSTANTS = {"empty": "", "!": "!", "blank": " ", "marker": "pbkdf2_sha256$1$!$!"}
GUESSES = ["stored value", "real secret", *CONSTANTS]
HASHERS = ["PBKDF2PasswordHasher", "MD5PasswordHasher", "ScryptPasswordHasher"]


@pytest.fixture(params=HASHERS)
def machine(request: pytest.FixtureRequest, settings: Any) -> Machine:
    """A client registered in projects with different password hashers."""
    plain = "oauth2_provider.oauth2_validators.OAuth2Validator"
    set_toolkit(settings, OAUTH2_VALIDATOR_CLASS=plain)
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{request.param}"]
    return register()


def guess(machine: Machine, name: str) -> str:
    known = {"stored value": stored_secret(machine), "real secret": machine.client_secret}
    return {**known, **CONSTANTS}[name]


def post(view: Any, path: str, body: dict[str, str], **headers: str) -> HttpResponse:
    request = RequestFactory().post(
        path, encode(body), content_type=FORM, secure=True, headers=headers
    )
    answer: HttpResponse = view.as_view()(request)
    return answer


@pytest.mark.parametrize("name", GUESSES)
@pytest.mark.parametrize("transport", ["basic", "body"])
def test_gets_no_token_from_the_toolkit(machine: Machine, name: str, transport: str) -> None:
    secret = guess(machine, name)
    body = {"grant_type": "client_credentials"}
    headers = {}
    if transport == "basic":
        pair = base64.b64encode(f"{machine.client_id}:{secret}".encode()).decode()
        headers["authorization"] = f"Basic {pair}"
    else:
        body |= {"client_id": machine.client_id, "client_secret": secret}

    answer = post(TokenView, "/o/token/", body, **headers)

    assert answer.status_code == 401
    assert b"access_token" not in answer.content


@pytest.mark.parametrize("view", [RevokeTokenView, IntrospectTokenView])
def test_is_not_authenticated_at_the_toolkits_other_endpoints(machine: Machine, view: Any) -> None:
    body = {"token": "x", "client_id": machine.client_id, "client_secret": stored_secret(machine)}

    answer = post(view, "/o/x/", body)

    assert answer.status_code in {401, 403}


def test_is_not_hashed_again_when_the_application_is_saved(machine: Machine) -> None:
    application = get_application_model().objects.get(client_id=machine.client_id)
    before = application.client_secret

    application.save()

    assert stored_secret(machine) == before
