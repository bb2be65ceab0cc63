"""After a registration the secret is in no place but the answer that showed it."""

import logging
from collections.abc import Iterator
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


@pytest.fixture
def cache_in_memory(settings: Settings) -> None:
    """A cache that can be looked into, which sessions use as well."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "registration"}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"


def list_rows() -> Iterator[dict[str, Any]]:
    for model in apps.get_models():
        yield from model._base_manager.values()


def register_and_read(console: Console) -> tuple[HttpResponse, str]:
    answer = console.register()
    return answer, read_secret(answer)


def test_not_in_any_table(console: Console) -> None:
    _answer, secret = register_and_read(console)

    assert not [row for row in list_rows() if secret in repr(row)]


def test_not_in_any_query(console: Console) -> None:
    with CaptureQueriesContext(connection) as queries:
        _answer, secret = register_and_read(console)

    assert len(queries) > 0
    assert not [query for query in queries if secret in query["sql"]]


def test_not_in_the_history_of_the_admin(console: Console) -> None:
    _answer, secret = register_and_read(console)

    entry = LogEntry.objects.get()
    assert entry.object_repr == "Billing sync"
    assert secret not in entry.change_message + entry.get_change_message()


def test_not_in_a_session(console: Console) -> None:
    _answer, secret = register_and_read(console)

    contents = [session.get_decoded() for session in Session.objects.all()]
    assert contents
    assert secret not in repr(contents)


def test_not_in_a_cookie_and_not_in_a_message(console: Console) -> None:
    answer, _secret = register_and_read(console)

    assert set(answer.cookies) <= {"csrftoken", "sessionid"}
    assert not list(get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("cache_in_memory")
def test_not_in_the_cache(console: Console) -> None:
    _answer, secret = register_and_read(console)

    stored = locmem._caches["registration"]  # type: ignore[attr-defined]
    assert stored
    assert secret not in repr(stored)


def test_not_in_a_log(console: Console, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    _answer, secret = register_and_read(console)

    assert secret not in caplog.text


@pytest.mark.parametrize("page", ["changelist", "add", "change", "history", "disable"])
def test_not_on_any_later_page(console: Console, page: str) -> None:
    register_and_read(console)

    args = [] if page in {"changelist", "add"} else [MachineClient.objects.get().pk]
    later = console.visit(page, *args)

    assert later.status_code == 200
    assert not find_secrets(later)
