"""Threat: authenticate or find a machine client at an endpoint of django-oauth-toolkit.

Whoever may change Applications in the toolkit's admin may give a machine client's Application a
secret, another grant, or make it public; and anybody may try client IDs.
"""

import hashlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client as HTTPClient
from django.test.utils import CaptureQueriesContext
from oauth2_provider import oauth2_validators
from oauth2_provider.models import get_access_token_model, get_application_model

from tests.machines import Machine
from tests.toolkit import SECRET, basic, create_user, describe, mount, post, set_toolkit
from tests.transactions import list_questions

pytestmark = pytest.mark.django_db

NOBODY = "abcdefghijklmnopqrstuvwx"  # as long as a client ID of ours
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = {
    "client_credentials": {},
    "password": {"username": "ada", "password": "secret"},
    "authorization_code": {"code": "x", "redirect_uri": "https://example.com/cb"},
    "refresh_token": {"refresh_token": "x"},
}


@pytest.fixture(params=["", "o/"], ids=["at the root", "at o/"])
def prefix(request: pytest.FixtureRequest, settings: Any) -> str:
    """Where the toolkit is mounted."""
    mount(settings, request.param)
    return f"/{request.param}"


@pytest.fixture(params=[False, True], ids=["OIDC off", "OIDC on"])
def oidc(request: pytest.FixtureRequest, settings: Any) -> bool:
    set_toolkit(settings, OIDC_ENABLED=request.param)
    return bool(request.param)


@pytest.fixture(
    params=[
        {"authorization_grant_type": "client-credentials"},
        {"authorization_grant_type": "password"},
        {"authorization_grant_type": "authorization-code"},
        {"authorization_grant_type": DEVICE, "client_type": "public"},
    ],
    ids=lambda changes: "-".join(changes.values()),
)
def machine(request: pytest.FixtureRequest, machine: Machine) -> Machine:
    """A machine client whose Application somebody has given a secret that they know."""
    application = get_application_model().objects.get(client_id=machine.client_id)
    for name, value in request.param.items():
        setattr(application, name, value)
    application.redirect_uris = "https://example.com/cb"
    application.client_secret = SECRET
    application.save()
    return machine


def credentials(client_id: str, transport: str) -> tuple[dict[str, str], str | None]:
    if transport == "basic":
        return {}, basic(client_id)
    return {"client_id": client_id, "client_secret": SECRET}, None


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
@pytest.mark.parametrize("transport", ["basic", "body"])
@pytest.mark.parametrize("grant", GRANTS)
def test_is_as_unknown_as_anybody_to_the_token_endpoint(
    prefix: str, oidc: bool, machine: Machine, grant: str, transport: str
) -> None:
    create_user()
    answers = []
    for client_id in (machine.client_id, NOBODY):
        body, header = credentials(client_id, transport)
        form = {"grant_type": grant, **GRANTS[grant], **body}
        answers.append(describe(post(f"{prefix}token/", form, header)))

    assert answers[0] == answers[1]
    assert b"access_token" not in answers[0][1]
    assert get_access_token_model().objects.count() == 0


@pytest.mark.parametrize("transport", ["basic", "body"])
@pytest.mark.parametrize("page", ["revoke_token/", "introspect/"])
def test_is_as_unknown_to_revocation_and_introspection(
    prefix: str, machine: Machine, page: str, transport: str
) -> None:
    answers = []
    for client_id in (machine.client_id, NOBODY):
        body, header = credentials(client_id, transport)
        answers.append(describe(post(f"{prefix}{page}", {"token": "x", **body}, header)))

    assert answers[0] == answers[1]
    assert answers[0][0] in {401, 403}


def test_is_as_unknown_to_the_device_endpoint(prefix: str, machine: Machine) -> None:
    answers = [
        describe(post(f"{prefix}device-authorization/", {"client_id": client_id}))
        for client_id in (machine.client_id, NOBODY)
    ]

    assert answers[0] == answers[1]
    assert answers[0][0] >= 400


def test_is_as_unknown_to_the_authorization_page(prefix: str, oidc: bool, machine: Machine) -> None:
    browser = HTTPClient()
    browser.force_login(create_user())
    query = {"response_type": "code", "redirect_uri": "https://example.com/cb"}

    answers = [
        browser.get(f"{prefix}authorize/", {**query, "client_id": client_id}, secure=True)
        for client_id in (machine.client_id, NOBODY)
    ]

    first, second = (answer.content.replace(b"=" + NOBODY.encode(), b"") for answer in answers)
    assert [answer.status_code for answer in answers] == [400, 400]
    assert first.replace(machine.client_id.encode(), b"") == second


def test_cannot_be_managed_by_a_registration_token(
    prefix: str, machine: Machine, settings: Any
) -> None:
    set_toolkit(settings, DCR_ENABLED=True)

    answers = [
        HTTPClient().get(
            f"{prefix}register/{client_id}/", headers={"authorization": "Bearer x"}, secure=True
        )
        for client_id in (machine.client_id, NOBODY)
    ]

    assert describe(answers[0]) == describe(answers[1])
    assert answers[0].status_code == 401


@pytest.mark.parametrize("transport", ["basic", "body"])
def test_is_never_compared_with_a_secret(
    settings: Any, machine: Machine, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(settings)
    compared: list[Any] = []
    for name in ("check_password", "constant_time_compare"):
        monkeypatch.setattr(oauth2_validators, name, lambda *pair: compared.append(pair))
    body, header = credentials(machine.client_id, transport)

    for page in ("token/", "revoke_token/", "introspect/"):
        post(f"/o/{page}", {"grant_type": "client_credentials", "token": "x", **body}, header)

    assert compared == []


@pytest.mark.parametrize("transport", ["basic", "body"])
def test_costs_the_toolkit_the_same_queries_as_an_unknown_client(
    settings: Any, machine: Machine, transport: str
) -> None:
    mount(settings)
    queries = []
    for client_id in (machine.client_id, NOBODY):
        body, header = credentials(client_id, transport)
        with CaptureQueriesContext(connection) as captured:
            post("/o/token/", {"grant_type": "client_credentials", **body}, header)
        queries.append([question.partition("WHERE")[0] for question in list_questions(captured)])

    assert queries[0] == queries[1]


def test_stays_unknown_where_its_client_id_holds_what_no_database_stores(
    prefix: str, db: None
) -> None:
    answer = post(f"{prefix}token/", {"grant_type": "client_credentials"}, basic("a\0b"))

    assert answer.status_code == 401


def test_cannot_have_its_old_tokens_refreshed(settings: Any, machine: Machine) -> None:
    # A refresh token from before the Application became a machine client's.
    from django.utils import timezone
    from oauth2_provider.models import get_refresh_token_model

    mount(settings)
    application = get_application_model().objects.get(client_id=machine.client_id)
    access = get_access_token_model().objects.create(
        application=application, token="old", expires=timezone.now(), scope="read"
    )
    get_refresh_token_model().objects.create(
        application=application,
        token="old-refresh",
        token_checksum=hashlib.sha256(b"old-refresh").hexdigest(),
        access_token=access,
        user=create_user(),
    )

    answer = post(
        "/o/token/",
        {"grant_type": "refresh_token", "refresh_token": "old-refresh"},
        basic(machine.client_id),
    )

    assert answer.status_code == 401
