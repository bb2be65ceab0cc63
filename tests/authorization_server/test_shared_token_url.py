"""The toolkit's token URL for machine clients too: `django_cc.toolkit_urls`."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client as HTTPClient
from django.urls import path
from oauth2_provider.models import get_access_token_model
from oauth2_provider.views import TokenView

from django_cc.authorization_server.endpoints import shared_token_url
from tests import applications
from tests.assertions import register_with_key
from tests.machines import FORM, Machine, TokenEndpoint, call, encode, read_json
from tests.toolkit import (
    SECRET,
    basic,
    create_application,
    create_user,
    describe,
    mount,
    mount_all,
    post,
)

URL = "/o/token/"
CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True)
def shared(settings: Any, token_endpoint: TokenEndpoint) -> None:
    """Both at the toolkit's URL, which serves applications that are not adopted."""
    mount(settings, shared=True)
    settings.DJANGO_CC = {**settings.DJANGO_CC, "REFUSE_UNADOPTED": False}


@pytest.mark.parametrize("transport", ["basic", "body"])
def test_gives_a_machine_client_a_token_of_ours(
    settings: Any, machine: Machine, transport: str
) -> None:
    body = machine.body_credentials() if transport == "body" else {}
    header = machine.basic() if transport == "basic" else None

    document = read_json(post(URL, {**CLIENT_CREDENTIALS, **body}, header))

    settings.ROOT_URLCONF = "tests.projects.combined_urls"
    assert document["expires_in"] == 600
    assert call(token=document["access_token"]).status_code == 200
    assert get_access_token_model().objects.count() == 0


def test_gives_an_application_a_token_of_the_toolkits() -> None:
    application = create_application()

    document = read_json(post(URL, CLIENT_CREDENTIALS, basic(application.client_id)))

    assert document["expires_in"] == 36000
    assert get_access_token_model().objects.get().application == application


def hide_what_is_random(answer: Any) -> Any:
    status, content, headers = describe(answer)
    return status, re.sub(rb'_token": "\w+"', b"", content), headers


FORMS = {
    "no grant": {},
    "a strange grant": {"grant_type": "urn:example:strange"},
    "a password": {"grant_type": "password", "username": "ada", "password": "secret"},
    "a code": {"grant_type": "authorization_code", "code": "x"},
    "a refresh token": {"grant_type": "refresh_token", "refresh_token": "x"},
    "client credentials": {"grant_type": "client_credentials", "scope": "read"},
    "a scope it has not": {"grant_type": "client_credentials", "scope": "nonsense"},
}


@pytest.mark.filterwarnings("ignore:The OAuth 2.0 resource owner password:DeprecationWarning")
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("grant", ["client-credentials", "password"])
@pytest.mark.parametrize("header", [None, "right", "wrong"])
def test_hands_others_to_the_toolkit_as_if_it_were_not_there(
    settings: Any, name: str, grant: str, header: str | None
) -> None:
    create_user()
    application = create_application(grant)
    form, authorization = {**FORMS[name]}, None
    if header is None:
        form |= {"client_id": application.client_id, "client_secret": SECRET}
    else:
        authorization = basic(application.client_id, SECRET if header == "right" else "wrong")

    shared = hide_what_is_random(post(URL, form, authorization))

    mount(settings)
    assert shared == hide_what_is_random(post(URL, form, authorization))


@pytest.mark.parametrize("method", ["get", "put", "delete", "options", "head"])
def test_hands_other_methods_to_the_toolkit(settings: Any, method: str) -> None:
    shared = describe(getattr(HTTPClient(), method)(URL, secure=True))

    mount(settings)
    assert shared == describe(getattr(HTTPClient(), method)(URL, secure=True))


def test_hands_bodies_of_another_media_type_to_the_toolkit(settings: Any) -> None:
    application = create_application()
    form = {**CLIENT_CREDENTIALS, "client_id": application.client_id, "client_secret": SECRET}

    answer = HTTPClient().post(URL, form, secure=True)  # multipart, which the toolkit accepts

    assert answer.status_code == 200
    assert get_access_token_model().objects.count() == 1


def test_refuses_a_machine_client_that_sends_another_media_type(machine: Machine) -> None:
    form = {**CLIENT_CREDENTIALS, **machine.body_credentials()}

    answer = HTTPClient().post(URL, form, secure=True)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
@pytest.mark.parametrize("transport", ["basic", "body"])
def test_answers_an_unknown_client_as_a_machine_client(machine: Machine, transport: str) -> None:
    answers = []
    for client_id in (machine.client_id, "abcdefghijklmnopqrstuvwx", "a\0b"):
        body = {"client_id": client_id, "client_secret": "x"} if transport == "body" else {}
        header = basic(client_id, "x") if transport == "basic" else None
        status, content, headers = describe(post(URL, {**CLIENT_CREDENTIALS, **body}, header))
        answers.append((status, content.partition(b"(reference")[0], headers))

    assert answers[0] == answers[1]
    assert [status for status, *_ in answers[:2]] == [401, 401]


def test_answers_who_names_no_client_as_our_own_endpoint_does() -> None:
    answer = post(URL, CLIENT_CREDENTIALS)

    assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")


def test_reads_the_grant_as_the_toolkit_does(machine: Machine) -> None:
    # The toolkit takes the last of several: this is a request for another grant.
    body = f"{encode(CLIENT_CREDENTIALS)}&grant_type=password&{encode(machine.body_credentials())}"

    answer = HTTPClient().post(URL, body, FORM, secure=True)

    assert (answer.status_code, read_json(answer)["error"]) == (400, "invalid_request")


def test_sees_the_client_that_the_toolkit_would_see_behind_another() -> None:
    # Bad Basic credentials and good ones in the body: the toolkit takes those of the body.
    application = create_application()
    form = {**CLIENT_CREDENTIALS, "client_id": application.client_id, "client_secret": SECRET}

    assert post(URL, form, basic("nobody")).status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic ?", "Basic /w==", "Bearer x", "basic eDp5"])
def test_survives_headers_that_name_nobody(header: str) -> None:
    assert post(URL, CLIENT_CREDENTIALS, header).status_code == 401


def test_answers_503_while_nobody_can_say_whose_a_client_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(client_ids: set[str]) -> bool:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(shared_token_url, "is_left_to_toolkit", fail)

    answer = post(URL, CLIENT_CREDENTIALS, machine.basic())

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert read_json(answer)["error"] == "temporarily_unavailable"


def test_needs_no_login_where_every_other_view_does(settings: Any, machine: Machine) -> None:
    login = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, login]

    assert post(URL, CLIENT_CREDENTIALS, machine.basic()).status_code == 200
    assert post(URL, CLIENT_CREDENTIALS, basic(create_application().client_id)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_gives_the_toolkit_the_transaction_it_had(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    post_of_toolkit = TokenView.post

    def look(*arguments: Any, **options: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return post_of_toolkit(*arguments, **options)

    monkeypatch.setattr(TokenView, "post", look)
    for atomic in (False, True):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
        view = shared_token_url.share_token_url(TokenView.as_view())
        mount_all(settings, path("o/token/", view))
        post(URL, {"grant_type": "password"})

    assert seen == [False, True]


def test_serves_a_machine_client_that_signs_assertions() -> None:
    client = register_with_key()

    answer = HTTPClient().post(URL, client.body(), FORM, secure=True)

    assert (answer.status_code, read_json(answer)["token_type"]) == (200, "Bearer")


def test_serves_an_application_with_its_old_secret_before_and_after_its_adoption() -> None:
    application = applications.create_application()
    header = basic(application.client_id, application.client_secret)

    before = read_json(post(URL, {**CLIENT_CREDENTIALS, "scope": "read"}, header))
    adopt = ("--apply", "--all", "--scope", "orders:read")
    call_command("cc_adopt", *adopt, stdout=StringIO(), stderr=StringIO())
    after = read_json(post(URL, CLIENT_CREDENTIALS, header))

    assert (before["expires_in"], after["expires_in"]) == (36000, 600)
    assert after["scope"] == "orders:read"
