"""Threat: a secret or a token that stays somewhere after the answer that showed it."""

import base64
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client as HTTPClient

from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import MachineClient, Scope
from tests.machines import ACTOR, Machine, TokenEndpoint, call, read_json

ADD = "/admin/django_cc/machineclient/add/"


def dump_database() -> str:
    """Return every value of every row of every table."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(bytes(v) if isinstance(v, memoryview) else v) for r in cursor for v in r]
    return "\n".join(found)


def dump_cache() -> str:
    """Return what the cache holds, whichever backend it is."""
    if hasattr(cache, "_cache") and isinstance(cache._cache, dict):
        return repr(cache._cache)
    redis = cache._cache.get_client(write=True)  # type: ignore[attr-defined]
    return repr({key: redis.get(key) for key in redis.keys("*")})


@pytest.fixture
def registered(signing_key: None, caplog: pytest.LogCaptureFixture) -> tuple[HTTPClient, str, str]:
    """A client registered in the console; the browser, the secret, the log of it all."""
    browser = HTTPClient()
    admin = get_user_model().objects.create_superuser("ana", password="not the secret")
    browser.force_login(admin)
    with caplog.at_level("DEBUG"):
        form = browser.get(ADD, secure=True).content.decode()
        key = re.search(r'name="registration_key" value="([^"]+)"', form)
        assert key is not None
        page = browser.post(
            ADD,
            {
                "name": "Billing sync",
                "registration_key": key[1],
                "secret_expires": "365",
                "scopes": [Scope.objects.get(name="orders:read").pk],
            },
            secure=True,
        ).content.decode()
        secret = re.search(r"dccs_[0-9A-Za-z]{49}", page)
        assert secret is not None
        client_id = MachineClient.objects.get().client_id
        pair = base64.b64encode(f"{client_id}:{secret[0]}".encode()).decode()
        answer = TokenEndpoint().post(authorization=f"Basic {pair}")
        call(token=read_json(answer)["access_token"])
        browser.get("/admin/django_cc/machineclient/", secure=True)
    return browser, secret[0], caplog.text


PLACES = ["database", "cache", "cookies", "session", "log", "list page", "detail page", "history"]


@pytest.mark.parametrize("place", PLACES)
def test_keeps_no_secret(registered: tuple[HTTPClient, str, str], place: str) -> None:
    browser, secret, log = registered
    pk = MachineClient.objects.get().pk
    look: dict[str, Any] = {
        "database": dump_database,
        "cache": dump_cache,
        "cookies": lambda: repr(
            {name: read_cookie(m.value) for name, m in browser.cookies.items()}
        ),
        "session": lambda: repr(dict(browser.session.items())),
        "log": lambda: log,
        "list page": lambda: read_page(browser, ""),
        "detail page": lambda: read_page(browser, f"{pk}/change/"),
        "history": lambda: read_page(browser, f"{pk}/history/"),
    }

    found = look[place]()

    assert secret not in found
    assert secret[5:40] not in found


def read_cookie(value: str) -> str:
    """Return a cookie and, as messages are, what is base64 in it."""
    decoded = [
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")
        for part in re.split(r"[:.]", value)
        if re.fullmatch(r"[A-Za-z0-9_-]+", part) and len(part) % 4 != 1
    ]
    return "\n".join([value, *decoded])


def read_page(browser: HTTPClient, path: str) -> str:
    answer = browser.get(f"/admin/django_cc/machineclient/{path}", secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.rfc("6749", "10.3", "Access tokens MUST be kept confidential in storage")
def test_keeps_no_access_token(
    token_endpoint: TokenEndpoint, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        token = token_endpoint.access_token(machine)
        call(token=token)
        call(token=token[:-4])

    signature = token.rpartition(".")[2]
    for place in (caplog.text, dump_database(), dump_cache()):
        assert signature[:30] not in place


def test_keeps_no_private_key_in_the_clear(db: None) -> None:
    ensure_signing_key(ACTOR)

    assert "PRIVATE KEY" not in dump_database()
