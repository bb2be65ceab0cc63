"""System checks: each tells what is wrong and what to do."""

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connections
from django.urls import include, path
from rest_framework.authentication import SessionAuthentication

from django_cc.resource_server.authentication import BearerTokenAuthentication
from tests.projects.api_views import ScopedView, WhoAmI

# The combined project has two APIs and views of both; nothing is wrong with it.
urlpatterns: list[Any] = []


def find(**options: Any) -> dict[str, CheckMessage]:
    """Return what our own checks say, by id."""
    found = run_checks(**options)
    return {str(m.id): m for m in found if str(m.id).startswith("django_cc")}


def test_finds_nothing_wrong_with_a_good_project(db: None, settings: Any) -> None:
    use_cache(settings, "redis.RedisCache")  # also where the suite found no Valkey

    assert find(include_deployment_checks=True) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ISSUER": "http://auth.example.com"}, "django_cc.E001"),
        ({"LEEWAY": 600}, "django_cc.E101"),
        ({"UNKNOWN": 1}, "django_cc.E001"),
        ({"KEY_ENCRYPTION_KEYS": []}, "django_cc.E002"),
        ({"KEY_ENCRYPTION_KEYS": ["short"]}, "django_cc.E002"),
        ({"ALLOW_INSECURE_TRANSPORT": True}, "django_cc.W003"),
        ({"APIS": {"https://a.example": {}, "https://b.example": {}}}, "django_cc.E006"),
    ],
    ids=str,
)
def test_reports_a_wrong_setting(
    db: None, settings: Any, changes: dict[str, Any], expected: str
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, **changes}

    found = find(include_deployment_checks=True)

    assert expected in found


def test_warns_of_a_key_derived_for_debugging(db: None, settings: Any) -> None:
    settings.DEBUG = True
    settings.DJANGO_CC = {**settings.DJANGO_CC, "KEY_ENCRYPTION_KEYS": []}

    assert "django_cc.W001" in find()


def test_demands_aware_times(db: None, settings: Any) -> None:
    settings.USE_TZ = False

    assert "django_cc.E003" in find()


def test_demands_one_database_for_all_it_writes(db: None, settings: Any) -> None:
    settings.DATABASE_ROUTERS = ["tests.projects.routers.ToolkitElsewhere"]

    assert "django_cc.E004" in find()


def mount(settings: Any, *patterns: Any) -> None:
    urlpatterns[:] = patterns
    settings.ROOT_URLCONF = __name__


@pytest.mark.rfc("8414", "3.1", "The metadata is at the root of the host")
@pytest.mark.parametrize("prefix", [None, "oauth2/"])
def test_demands_its_urls_at_the_root(db: None, settings: Any, prefix: str | None) -> None:
    mount(settings, *([] if prefix is None else [path(prefix, include("django_cc.urls"))]))

    assert "django_cc.E005" in find()


def test_reports_scopes_that_no_permission_class_reads(db: None, settings: Any) -> None:
    class Forgotten(WhoAmI):
        required_scopes = ["orders:read"]

    mount(settings, path("", include("django_cc.urls")), path("x/", Forgotten.as_view()))

    message = find()["django_cc.E102"]
    assert "Forgotten" in message.msg


def test_finds_scope_classes_in_compositions(db: None, settings: Any) -> None:
    from rest_framework.permissions import IsAdminUser

    from django_cc.resource_server.permissions import HasRequiredScopes

    class Composed(ScopedView):
        permission_classes = [IsAdminUser | ~(~HasRequiredScopes)]

    mount(settings, path("", include("django_cc.urls")), path("x/", Composed.as_view()))

    assert "django_cc.E102" not in find()


def test_leaves_views_alone_that_choose_their_permissions_themselves(
    db: None, settings: Any
) -> None:
    class Chooser(WhoAmI):
        required_scopes = ["orders:read"]

        def get_permissions(self) -> list[Any]:
            return []

    mount(settings, path("", include("django_cc.urls")), path("x/", Chooser.as_view()))

    assert "django_cc.E102" not in find()


def test_warns_where_another_authentication_class_stands_first(db: None, settings: Any) -> None:
    class Second(ScopedView):
        authentication_classes = [SessionAuthentication, BearerTokenAuthentication]

    mount(settings, path("", include("django_cc.urls")), path("x/", Second.as_view()))

    assert "Second" in find()["django_cc.W102"].msg


def test_reports_a_misspelt_api(db: None, settings: Any) -> None:
    class Misspelt(ScopedView):
        api = "https://order.example.com"

    only = {"https://orders.example.com": {"scopes": {"orders:read": ""}}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": only}
    mount(settings, path("", include("django_cc.urls")), path("x/", Misspelt.as_view()))

    assert "Misspelt" in find()["django_cc.E006"].msg


def test_leaves_public_views_of_several_apis_alone(db: None, settings: Any) -> None:
    class Public(WhoAmI):
        api = ""

    mount(settings, path("", include("django_cc.urls")), path("x/", Public.as_view()))

    assert "django_cc.E006" not in find()


def test_demands_that_its_tables_are_read_where_they_are_written(db: None, settings: Any) -> None:
    settings.DATABASE_ROUTERS = ["tests.projects.routers.ReadsFromReplica"]

    assert "django_cc.E004" in find()


def test_warns_of_a_database_it_is_not_tested_on(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections["default"]), "vendor", "oracle")

    assert "django_cc.W002" in find(tags=["security"])


@pytest.mark.parametrize(
    "handler", [7, "nowhere.at_all", "django_cc.resource_server.challenges.exception_handler"]
)
def test_reports_an_exception_handler_that_cannot_be_wrapped(
    db: None, settings: Any, handler: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "EXCEPTION_HANDLER": handler}

    assert "EXCEPTION_HANDLER" in find()["django_cc.E101"].msg


def test_warns_where_the_exception_handler_is_not_ours(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_framework.settings import api_settings
    from rest_framework.views import exception_handler

    monkeypatch.setattr(api_settings, "EXCEPTION_HANDLER", exception_handler, raising=False)

    assert "django_cc.W101" in find()


def use_cache(settings: Any, backend: str) -> None:
    path = f"django.core.cache.backends.{backend}"
    settings.CACHES = {"default": {"BACKEND": path, "LOCATION": "redis://127.0.0.1:6379"}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": 30}


UNSHARED = ["locmem.LocMemCache", "dummy.DummyCache", "filebased.FileBasedCache"]


@pytest.mark.parametrize("backend", UNSHARED)
def test_warns_of_a_cache_that_processes_do_not_share(
    db: None, settings: Any, backend: str
) -> None:
    use_cache(settings, backend)

    message = find()["django_cc.W004"]

    assert "limits on failed requests are counted per process" in message.msg
    assert "Redis or Valkey" in str(message.hint)


def test_is_content_with_a_cache_that_all_processes_share(db: None, settings: Any) -> None:
    use_cache(settings, "redis.RedisCache")

    assert "django_cc.W004" not in find()


def test_is_content_with_any_cache_while_debugging(db: None, settings: Any) -> None:
    use_cache(settings, "locmem.LocMemCache")
    settings.DEBUG = True

    assert "django_cc.W004" not in find()


def test_is_content_with_any_cache_where_nothing_is_counted(db: None, settings: Any) -> None:
    use_cache(settings, "locmem.LocMemCache")
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": None}

    assert "django_cc.W004" not in find()
