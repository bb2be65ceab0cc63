"""Threat: find a machine client on a page of django-oauth-toolkit that asks no validator."""

from typing import Any

import pytest
from django.test import Client as HTTPClient
from oauth2_provider.models import get_application_model

from tests.machines import Machine, register
from tests.toolkit import create_application, create_user, describe, mount, set_toolkit

pytestmark = pytest.mark.django_db

NOBODY = "abcdefghijklmnopqrstuvwx"


@pytest.fixture
def browser(settings: Any) -> HTTPClient:
    """Ada's browser, in a project that has both at the toolkit's prefix."""
    mount(settings, shared=True)
    set_toolkit(settings, OIDC_ENABLED=True, OIDC_RP_INITIATED_LOGOUT_ENABLED=True)
    client = HTTPClient()
    client.force_login(create_user())
    return client


def test_is_not_named_by_the_logout_page(browser: HTTPClient, machine: Machine) -> None:
    answers = [
        browser.get("/o/logout/", {"client_id": client_id}, secure=True)
        for client_id in (machine.client_id, NOBODY)
    ]

    assert describe(answers[0]) == describe(answers[1])
    assert answers[0].status_code == 400
    assert machine.row.name not in answers[0].content.decode()


@pytest.mark.parametrize("page", ["authorize", "logout"])
def test_is_not_told_from_nobody_by_a_form(
    browser: HTTPClient, machine: Machine, page: str
) -> None:
    form = {"allow": "true", "response_type": "code", "redirect_uri": "https://example.com"}

    answers = [
        browser.post(f"/o/{page}/", {**form, "client_id": client_id}, secure=True)
        for client_id in (machine.client_id, NOBODY)
    ]

    assert describe(answers[0]) == describe(answers[1])
    assert answers[0].status_code == 400


def test_leaves_the_logout_page_of_the_toolkits_clients_alone(browser: HTTPClient) -> None:
    application = create_application("authorization-code")

    answer = browser.get("/o/logout/", {"client_id": application.client_id}, secure=True)

    assert (answer.status_code, b"Old sync" in answer.content) == (200, True)


def test_leaves_logging_out_without_a_client_alone(browser: HTTPClient) -> None:
    assert browser.get("/o/logout/", secure=True).status_code == 200


@pytest.mark.parametrize("page", ["", "update/", "delete/"])
def test_is_on_no_application_page_even_of_its_owner(settings: Any, page: str) -> None:
    mount(settings)
    owner = create_user()
    row = register(owner=owner).row
    client = HTTPClient()
    client.force_login(owner)

    answer = client.get(f"/o/applications/{row.application_id}/{page}", secure=True)
    listed = client.get("/o/applications/", secure=True)

    assert answer.status_code == 404
    assert row.name not in listed.content.decode()


def test_is_not_deleted_by_the_toolkits_page(settings: Any, machine: Machine) -> None:
    mount(settings)
    client = HTTPClient()
    client.force_login(create_user(is_staff=True, is_superuser=True))

    client.post(f"/o/applications/{machine.row.application_id}/delete/", secure=True)

    assert get_application_model().objects.filter(client_id=machine.client_id).exists()
