"""What a machine with a good token finds in a project that lets it into one view."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.test import Client as HTTPClient

from tests.machines import TokenEndpoint, register
from tests.projects.shop.urls import OTHERS

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
CLOSED = {401, 403}


@pytest.fixture
def token(token_endpoint: TokenEndpoint) -> str:
    return token_endpoint.access_token(register(scopes=["orders:read"]))


@pytest.fixture
def ana(db: None) -> HTTPClient:
    """A browser in which somebody is signed in."""
    browser = HTTPClient()
    browser.force_login(get_user_model().objects.create_user("ana"))
    return browser


def call(path: str, token: str | None = None, method: str = "GET") -> Any:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return HTTPClient().generic(method, path, headers=headers)


def test_lets_the_machine_into_the_view_that_invites_it(token: str) -> None:
    assert call("/orders/", token).json()["user"].startswith("client:")


def test_lets_it_do_there_what_its_scope_allows_and_no_more(token: str) -> None:
    answer = call("/orders/", token, "POST")

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]


def test_lets_people_in_as_before(ana: HTTPClient) -> None:
    assert [ana.get("/orders/").status_code, ana.post("/orders/").status_code] == [200, 201]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("view", OTHERS)
def test_is_a_stranger_everywhere_else(token: str, view: str, method: str) -> None:
    stranger, machine = call(f"/{view}/", None, method), call(f"/{view}/", token, method)

    if stranger.status_code in CLOSED:
        assert machine.status_code in CLOSED
    else:
        assert (machine.status_code, machine.content) == (stranger.status_code, stranger.content)


# Under `~` DRF refuses every object, whatever the class says of it.
CLOSED_TO_ANA = {"staff", "composed", "not-staff"}


@pytest.mark.parametrize("view", OTHERS)
def test_leaves_people_as_they_were(ana: HTTPClient, view: str) -> None:
    answer = ana.get(f"/{view}/")

    assert answer.status_code == (403 if view in CLOSED_TO_ANA else 200)
    assert "WWW-Authenticate" not in answer


def test_has_nothing_to_complain_about(db: None) -> None:
    found = [message for message in run_checks() if str(message.id).startswith("django_cc")]

    assert [m for m in found if m.id != "django_cc.W004"] == []
