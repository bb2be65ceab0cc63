"""System checks of the toolkit beside us: each tells what is wrong and what to do."""

from typing import Any

import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin import sites as admin_sites
from django.core.checks import CheckMessage, run_checks
from django.db import connection
from django.urls import include, path
from oauth2_provider import urls as toolkit_urls
from oauth2_provider.admin import ApplicationAdmin
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.views import (
    OAuthProtectedResourceMetadataView,
    OAuthServerMetadataView,
    TokenView,
)

from django_cc.authorization_server.toolkit import checks as toolkit_checks
from django_cc.authorization_server.toolkit.application_admin_mixin import (
    MachineClientApplicationMixin,
)
from django_cc.authorization_server.toolkit.checks import check_unadopted
from django_cc.authorization_server.toolkit.validator_mixin import MachineClientsMixin
from tests.machines import register
from tests.projects.combined import ISSUER
from tests.toolkit import create_application, mount, mount_all, set_toolkit

OURS = path("", include("django_cc.urls"))
TOOLKIT = path("o/", include("oauth2_provider.urls"))
AT_ROOT = path("", include("oauth2_provider.urls"))
SHARED = path("o/", include("django_cc.toolkit_urls"))
WITHOUT_METADATA = path(
    "",
    include(
        (toolkit_urls.base_urlpatterns + toolkit_urls.oidc_urlpatterns, "oauth2_provider"),
        namespace="oauth2_provider",
    ),
)
PLAIN_VALIDATOR = "oauth2_provider.oauth2_validators.OAuth2Validator"


class OwnValidator(MachineClientsMixin, OAuth2Validator):
    """A project's own, put together as the hint says."""


class ReadOnlyAdmin(MachineClientApplicationMixin, ApplicationAdmin):
    """A project's own admin of Applications, put together as the hint says."""


class OwnTokenView(TokenView):
    """A project's own token endpoint."""


def find(**options: Any) -> dict[str, CheckMessage]:
    """Return what the checks of this module's subject say, by id."""
    mine = {f"django_cc.{name}" for name in ("E008", "E009", "E010", "W005", "W006", "W007")}
    return {str(m.id): m for m in run_checks(**options) if m.id in mine}


@pytest.mark.parametrize("prefix", ["o/", "tenants/one/"])
def test_find_nothing_wrong_with_both_side_by_side(db: None, settings: Any, prefix: str) -> None:
    mount(settings, prefix, shared=True)
    set_toolkit(settings, ACCESS_TOKEN_EXPIRE_SECONDS=600, OIDC_ENABLED=True)

    assert find(include_deployment_checks=True, databases=["default"]) == {}


@pytest.mark.parametrize("view", [TOOLKIT, path("token/", OwnTokenView.as_view())])
def test_demand_our_validator_where_the_toolkit_is_mounted(
    db: None, settings: Any, view: Any
) -> None:
    mount_all(settings, OURS, view)
    set_toolkit(settings, OAUTH2_VALIDATOR_CLASS=PLAIN_VALIDATOR)

    message = find()["django_cc.E008"]

    assert "toolkit.validator.OAuth2Validator" in str(message.hint)


def test_are_content_with_a_validator_of_the_projects_own(db: None, settings: Any) -> None:
    mount(settings)
    set_toolkit(settings, OAUTH2_VALIDATOR_CLASS=f"{__name__}.OwnValidator")

    assert "django_cc.E008" not in find()


def test_ask_for_no_validator_where_the_toolkit_is_not_mounted(db: None, settings: Any) -> None:
    mount_all(settings, OURS)
    set_toolkit(settings, OAUTH2_VALIDATOR_CLASS=PLAIN_VALIDATOR)

    assert find(include_deployment_checks=True) == {}


@pytest.mark.rfc("8414", "3.3", "One issuer has one metadata document")
@pytest.mark.parametrize(
    ("issuer", "changes", "patterns"),
    [
        ("https://example.com", {}, [OURS, AT_ROOT]),
        ("https://example.com/o", {}, [OURS, TOOLKIT]),
        ("https://example.com/o/", {}, [OURS, TOOLKIT]),
        ("https://example.com", {"OIDC_ENABLED": True}, [OURS, WITHOUT_METADATA]),
        (ISSUER, {"OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": f"{ISSUER}/"}, [OURS, TOOLKIT]),
    ],
)
def test_report_two_documents_of_one_issuer(
    db: None, settings: Any, issuer: str, changes: dict[str, Any], patterns: list[Any]
) -> None:
    mount_all(settings, *patterns)
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": issuer}
    set_toolkit(settings, **changes)

    message = find()["django_cc.E009"]

    assert "two metadata documents of one issuer" in message.msg
    assert f'"{issuer.rstrip("/")}/machines"' in str(message.hint)


@pytest.mark.parametrize("issuer", ["https://example.com", "https://example.com/machines"])
def test_report_the_toolkits_urls_before_ours(db: None, settings: Any, issuer: str) -> None:
    mount_all(settings, AT_ROOT, OURS)
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": issuer}

    assert "stand before ours" in find()["django_cc.E009"].msg


def test_report_documents_of_the_toolkit_that_ours_hide(db: None, settings: Any) -> None:
    mount_all(settings, OURS, AT_ROOT)
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/machines"}

    message = find()["django_cc.E009"]

    assert "hide metadata documents" in message.msg
    assert "/.well-known/oauth-authorization-server" in message.msg


def test_are_content_where_the_hints_were_followed(db: None, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://example.com/machines"}
    documents = [
        path(".well-known/oauth-authorization-server", OAuthServerMetadataView.as_view()),
        path(
            ".well-known/oauth-protected-resource",
            OAuthProtectedResourceMetadataView.as_view(),
        ),
    ]

    for patterns in ([OURS, WITHOUT_METADATA], [*documents, OURS, AT_ROOT]):
        mount_all(settings, *patterns)
        assert "django_cc.E009" not in find()


def test_leave_a_wrong_issuer_to_the_check_that_explains_it(db: None, settings: Any) -> None:
    mount(settings, "")
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "nonsense"}
    create_application()

    found = find(databases=["default"])

    assert "django_cc.E009" not in found
    assert "REFUSE_UNADOPTED" in str(found["django_cc.W006"].hint)


def test_report_a_shared_token_url_that_is_never_reached(db: None, settings: Any) -> None:
    mount_all(settings, OURS, TOOLKIT, SHARED)

    assert "before oauth2_provider.urls" in str(find()["django_cc.E010"].hint)


def put_up_sites(monkeypatch: pytest.MonkeyPatch, *classes: "type[ModelAdmin[Any]]") -> None:
    """Let the project have one admin site for each class of Applications' admin, and an empty one.

    The suite's own site stays as it is: routes are made from it once.
    """
    known: set[AdminSite] = set()
    for module in (admin_sites, toolkit_checks):
        monkeypatch.setattr(module, "all_sites", known)
    AdminSite("empty")  # each makes itself known
    for number, model_admin in enumerate(classes):
        AdminSite(f"site {number}").register(get_application_model(), model_admin)


def test_warn_of_an_admin_that_changes_machine_clients(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_up_sites(monkeypatch, ReadOnlyAdmin, ApplicationAdmin)

    assert "application_admin.ApplicationAdmin" in str(find()["django_cc.W005"].hint)


def test_ask_for_no_admin_where_none_is_registered(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_up_sites(monkeypatch)

    assert "django_cc.W005" not in find()


@pytest.mark.parametrize("refuse", [True, False])
def test_list_the_applications_to_adopt(db: None, settings: Any, refuse: bool) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "REFUSE_UNADOPTED": refuse}
    register("A machine client")
    create_application("authorization-code", name="A site")
    for number in range(12):
        create_application(name=f"Old sync {number:02}")

    message = find(databases=["default"])["django_cc.W006"]

    assert message.msg.count("Old sync") == 10
    assert message.msg.endswith("Old sync 09, ….")
    assert "cc_adopt" in str(message.hint)
    assert ("refuses them" in str(message.hint)) is refuse


def test_leave_the_database_alone_unless_one_is_named(db: None, settings: Any) -> None:
    create_application()

    assert "django_cc.W006" not in find()
    assert check_unadopted(databases=["another"]) == []


def test_can_be_run_before_there_are_tables(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_cc_machineclient RENAME TO not_there_yet")

    assert "django_cc.W006" not in find(databases=["default"])


@pytest.mark.filterwarnings("ignore:JSONOAuthLibCore:DeprecationWarning")
def test_name_unsafe_settings_of_the_toolkit_once(db: None, settings: Any) -> None:
    mount(settings)
    set_toolkit(
        settings,
        DCR_ENABLED=True,
        DCR_REGISTRATION_PERMISSION_CLASSES=["oauth2_provider.dcr.AllowAllDCRPermission"],
        OAUTH2_BACKEND_CLASS="oauth2_provider.oauth2_backends.JSONOAuthLibCore",
    )

    message = find(include_deployment_checks=True)["django_cc.W007"]

    for name in (
        "ACCESS_TOKEN_EXPIRE_SECONDS",
        "DCR_REGISTRATION_PERMISSION_CLASSES",
        "OAUTH2_BACKEND_CLASS",
    ):
        assert name in message.msg
