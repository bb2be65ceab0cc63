"""A new secret is in no place but the answer that showed it, however it was made."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.cache.backends import locmem
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from django_cc.models import MachineClient
from tests.console.console import Console, find_secrets, read_secret

Make = Callable[[Console], tuple[HttpResponse, str]]


@pytest.fixture
def cache_in_memory(settings: Settings) -> None:
    """A cache that can be looked into, which sessions use as well."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "registration"}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"


def list_rows() -> Iterator[dict[str, Any]]:
    for model in apps.get_models():
        yield from model._base_manager.values()


def create(console: Console, client: MachineClient) -> HttpResponse:
    fields = {"note": "vault", "secret_expires": "90", "expected_secrets": client.secrets.count()}
    return console.submit("create_secret", client.pk, **fields)


def rotate(console: Console, client: MachineClient) -> HttpResponse:
    fields = {"overlap": "3600", "secret_expires": "90", "expected_secrets": client.secrets.count()}
    return console.submit("rotate_secret", client.pk, client.secrets.get().pk, **fields)


def replace(console: Console, client: MachineClient) -> HttpResponse:
    return console.submit("replace_secret", client.pk)


@pytest.fixture(
    params=[None, create, rotate, replace], ids=["registered", "created", "rotated", "replaced"]
)
def make(request: pytest.FixtureRequest) -> Make:
    """A way to a new secret, of a client that was just registered."""

    def make_and_read(console: Console) -> tuple[HttpResponse, str]:
        answer = console.register()
        if request.param is not None:
            answer = request.param(console, MachineClient.objects.get())
        return answer, read_secret(answer)

    return make_and_read


def test_not_in_any_table(make: Make, console: Console) -> None:
    _answer, secret = make(console)

    assert not [row for row in list_rows() if secret in repr(row)]


def test_not_in_any_query(make: Make, console: Console) -> None:
    with CaptureQueriesContext(connection) as queries:
        _answer, secret = make(console)

    assert len(queries) > 0
    assert not [query for query in queries if secret in query["sql"]]


def test_not_in_the_history_of_the_admin(make: Make, console: Console) -> None:
    _answer, secret = make(console)

    entries = list(LogEntry.objects.all())
    assert {entry.object_repr for entry in entries} == {"Billing sync"}
    assert not [one for one in entries if secret in one.change_message + one.get_change_message()]


def test_not_in_a_session(make: Make, console: Console) -> None:
    _answer, secret = make(console)

    contents = [session.get_decoded() for session in Session.objects.all()]
    assert contents
    assert secret not in repr(contents)


def test_not_in_a_cookie_and_not_in_a_message(make: Make, console: Console) -> None:
    answer, _secret = make(console)

    assert set(answer.cookies) <= {"csrftoken", "sessionid"}
    assert not list(get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("cache_in_memory")
def test_not_in_the_cache(make: Make, console: Console) -> None:
    _answer, secret = make(console)

    stored = locmem._caches["registration"]  # type: ignore[attr-defined]
    assert stored
    assert secret not in repr(stored)


def test_not_in_a_log(make: Make, console: Console, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    _answer, secret = make(console)

    assert secret not in caplog.text


@pytest.mark.parametrize(
    "page", ["changelist", "add", "change", "history", "disable", "credentials"]
)
def test_not_on_any_later_page(make: Make, console: Console, page: str) -> None:
    make(console)

    args = [] if page in {"changelist", "add"} else [MachineClient.objects.get().pk]
    later = console.visit(page, *args)

    assert later.status_code == 200
    assert not find_secrets(later)
