"""The console in a site of the project's own, below a theme's ModelAdmin, or in no site."""

import importlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.urls import include, path, reverse

import django_cc.admin
from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.console.registration import register_console
from django_cc.models import API, Scope, SigningKey
from tests.audit_events import add_refusal
from tests.machines import ACTOR, Machine

own_site = admin.AdminSite(name="operations")
register_console(own_site)
urlpatterns = [
    path("", include("django_cc.urls")),
    path("admin/", admin.site.urls),
    path("operations/", own_site.urls),
]
_LINK = re.compile(r'(?:href|action)="(/[^"?#]*)')


class ThemedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """What an admin theme brings."""

    list_filter_submit = True


@pytest.fixture
def visitor(db: None) -> Iterator[Client]:
    """A superuser at a project with two admin sites."""
    browser = Client()
    browser.force_login(get_user_model().objects.create_superuser("root"))
    with override_settings(ROOT_URLCONF=__name__):
        yield browser


def find_pages(machine: Machine) -> list[tuple[str, list[Any]]]:
    api = create_api("https://reports.example.com", ACTOR)
    configured = API.objects.filter(from_configuration=True).first()
    event = add_refusal(client_id=machine.client_id)
    retirable = SigningKey.objects.filter(state="next").first()
    assert configured is not None
    assert retirable is not None
    return [
        ("index", []),
        ("django_cc_api_changelist", []),
        ("django_cc_api_add", []),
        ("django_cc_api_change", [api.pk]),
        ("django_cc_api_change", [configured.pk]),
        ("django_cc_api_delete", [api.pk]),
        ("django_cc_api_introspection", [api.pk]),
        ("django_cc_scope_changelist", []),
        ("django_cc_signingkey_changelist", []),
        ("django_cc_signingkey_activate_early", []),
        ("django_cc_signingkey_compromise", []),
        ("django_cc_signingkey_retire", [retirable.pk]),
        ("django_cc_auditevent_changelist", []),
        ("django_cc_auditevent_change", [event.pk]),
        ("django_cc_dashboard_changelist", []),
        ("django_cc_machineclient_changelist", []),
        ("django_cc_machineclient_add", []),
        ("django_cc_machineclient_change", [machine.row.pk]),
        ("django_cc_machineclient_disable", [machine.row.pk]),
    ]


@pytest.mark.usefixtures("signing_key")
def test_every_link_stays_in_the_site(visitor: Client, machine: Machine) -> None:
    strays = {}
    for page, args in find_pages(machine):
        url = reverse(f"admin:{page}", args=args, current_app="operations")
        answer: Any = visitor.get(url, secure=True)
        assert answer.status_code == 200, url
        strays[url] = {
            link for link in _LINK.findall(answer.content.decode()) if link.startswith("/admin/")
        }

    assert {url: found for url, found in strays.items() if found} == {}


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("api_introspection", {"client_id": "…", "act": "allow"}),
        ("api_delete", {}),
    ],
)
def test_every_act_leads_back_into_the_site(
    visitor: Client, machine: Machine, page: str, fields: dict[str, str]
) -> None:
    api = create_api("https://reports.example.com", ACTOR)
    if "client_id" in fields:
        fields = fields | {"client_id": machine.client_id}
    url = reverse(f"admin:django_cc_{page}", args=[api.pk], current_app="operations")

    answer: Any = visitor.post(url, fields, secure=True)

    assert answer["Location"].startswith("/operations/")


def test_a_scope_leads_to_its_api_in_the_site(visitor: Client) -> None:
    scope = Scope.objects.select_related("api").filter(api__built_in=False).first()
    assert scope is not None
    url = reverse("admin:django_cc_scope_change", args=[scope.pk], current_app="operations")

    answer: Any = visitor.get(url, secure=True)

    assert answer["Location"].startswith("/operations/")


@pytest.mark.usefixtures("signing_key")
def test_every_page_is_put_on_the_class_of_the_theme(settings: Any, machine: Machine) -> None:
    settings.DJANGO_CC = settings.DJANGO_CC | {"ADMIN_BASE_CLASS": f"{__name__}.ThemedAdmin"}
    themed = admin.AdminSite(name="themed")

    register_console(themed)

    admins = themed._registry.values()
    assert all(isinstance(model_admin, ThemedAdmin) for model_admin in admins)
    routes = ModuleType("routes")
    routes.urlpatterns = [path("themed/", themed.urls), *urlpatterns]  # type: ignore[attr-defined]  # a URLconf
    browser = Client()
    browser.force_login(get_user_model().objects.create_superuser("root"))
    with override_settings(ROOT_URLCONF=routes):
        for page, args in find_pages(machine):
            url = reverse(f"admin:{page}", args=args, current_app="themed")
            assert browser.get(url, secure=True).status_code == 200, url


def test_joins_no_site_where_the_project_says_so(settings: Any) -> None:
    settings.DJANGO_CC = django_settings.DJANGO_CC | {"ADMIN_AUTOREGISTER": False}
    ours = [model for model in admin.site._registry if model._meta.app_label == "django_cc"]
    taken = {model: admin.site._registry.pop(model) for model in ours}
    try:
        importlib.reload(django_cc.admin)

        assert not any(model._meta.app_label == "django_cc" for model in admin.site._registry)
    finally:
        admin.site._registry.update(taken)
