"""The checks of issuers and APIs: each speaks where something is wrong, and is silent else."""

from typing import Any

import pytest
from django.apps import apps
from django.core.checks import CheckMessage, run_checks
from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_cc.resource_server.decorators import machine_access
from django_cc.resource_server.verification import strategies
from tests.projects.api_views import PeopleView, ScopedView, WhoAmI
from tests.projects.combined import BILLING_API, ORDERS_API

urlpatterns: list[Any] = []


def find(**options: Any) -> dict[str, CheckMessage]:
    return {str(message.id): message for message in run_checks(tags=["security"], **options)}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """As in a project without the authorization server, whose API is that of orders."""
    monkeypatch.delitem(strategies._makers, strategies.LOCAL)
    settings.DJANGO_CC = {"ISSUER": "https://idp.example", "AUDIENCE": ORDERS_API}
    settings.ROOT_URLCONF = __name__


def mount(*views: Any) -> None:
    urlpatterns[:] = [path(f"{number}/", view.as_view()) for number, view in enumerate(views)]


class Unnamed(ScopedView):
    """Does not say its API."""

    api = ""


class Misspelt(ScopedView):
    """Names an API that is none."""

    api = "https://order.example.com"


def test_is_content_with_views_of_its_api(alone: None) -> None:
    mount(ScopedView, Unnamed)

    assert "django_cc.E112" not in find()


def test_reports_a_view_of_no_api(alone: None) -> None:
    mount(Misspelt)

    assert ORDERS_API in str(find()["django_cc.E112"].hint)


def test_reports_a_view_that_does_not_choose(alone: None, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "AUDIENCE": [ORDERS_API, BILLING_API]}
    mount(Unnamed)

    assert "Unnamed belongs to no API" in find()["django_cc.E112"].msg


def test_leaves_views_without_rules_for_machines_alone(alone: None) -> None:
    class Public(WhoAmI):
        api = ""

    mount(Public, PeopleView)

    assert "django_cc.E112" not in find()


def test_leaves_wrong_settings_to_the_check_that_explains_them(alone: None, settings: Any) -> None:
    settings.DJANGO_CC = {"ISSUER": "https://idp.example"}
    mount(Misspelt)

    found = find(include_deployment_checks=True)

    assert "django_cc.E112" not in found
    assert '"AUDIENCE"] is required' in found["django_cc.E101"].msg


def test_leaves_the_issuing_project_to_its_own_check(db: None) -> None:
    mount(Misspelt)

    assert "django_cc.E112" not in find()


def test_warns_of_an_issuer_on_loopback_in_production(alone: None, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "http://127.0.0.1:8000"}
    mount(ScopedView)

    assert "django_cc.W111" in find(include_deployment_checks=True)
    assert "django_cc.W111" not in find()


def test_is_content_with_an_issuer_elsewhere(alone: None) -> None:
    mount(ScopedView)

    assert "django_cc.W111" not in find(include_deployment_checks=True)


@pytest.mark.parametrize("user", ["django.contrib.auth.models.AnonymousUser", "absent", "class"])
def test_demands_no_user_where_there_are_none(
    alone: None, settings: Any, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    from django.contrib.auth.models import AnonymousUser

    without_users(monkeypatch)
    set_user(settings, AnonymousUser if user == "class" else user)
    mount(ScopedView)

    assert "UNAUTHENTICATED_USER" in str(find()["django_cc.E111"].hint)


@pytest.mark.parametrize("user", [None, "project.users.Nobody"])
def test_is_content_with_any_other_nobody(
    alone: None, settings: Any, monkeypatch: pytest.MonkeyPatch, user: Any
) -> None:
    without_users(monkeypatch)
    set_user(settings, user)
    mount(ScopedView)

    assert "django_cc.E111" not in find()


def without_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.auth")


def set_user(settings: Any, user: Any) -> None:
    named = {} if user == "absent" else {"UNAUTHENTICATED_USER": user}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, **named}


@machine_access(scopes=["orders:read"], api="https://order.example.com")
def misspelt_function(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class ToldLater(ScopedView):
    """Its API is known at run time alone."""

    api: Any = property(lambda _self: ORDERS_API)


def test_looks_at_plain_views_too(alone: None) -> None:
    urlpatterns[:] = [path("", misspelt_function)]

    assert "misspelt_function" in find()["django_cc.E112"].msg


def test_leaves_what_is_known_at_run_time_alone(alone: None) -> None:
    mount(ToldLater)

    assert "django_cc.E112" not in find()
