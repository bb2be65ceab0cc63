"""`migrate` writes DJANGO_CC["APIS"] to the database."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models.signals import post_migrate

from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.models import API, AuditEvent, Revision, Scope
from tests.machines import register

pytestmark = pytest.mark.django_db

ORDERS = "https://orders.example.com"


def migrate() -> None:
    call_command("migrate", verbosity=0)


def test_writes_what_the_setting_names() -> None:
    api = API.objects.get(identifier=ORDERS)

    assert (api.name, api.from_configuration) == ("Orders", True)
    assert dict(api.scopes.values_list("name", "description")) == {
        "orders:read": "See orders",
        "orders:write": "Place orders",
    }


def test_updates_what_changed(settings: Any) -> None:
    apis = {ORDERS: {"name": "All orders", "scopes": {"orders:read": "Look", "orders:new": ""}}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": apis}

    migrate()

    api = API.objects.get(identifier=ORDERS)
    assert api.name == "All orders"
    assert api.scopes.get(name="orders:read").description == "Look"
    assert api.scopes.filter(name="orders:new").exists()


def test_deletes_nothing_and_says_what_was_dropped(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    register(scopes=["orders:write"])
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {}}

    migrate()

    assert API.objects.filter(from_configuration=False, built_in=False).count() == 2
    assert Scope.objects.filter(api__built_in=False).count() == 4
    assert f'{ORDERS} is no longer in DJANGO_CC["APIS"]; 1 machine clients' in caplog.text


def test_offers_the_configured_api_where_a_renamed_one_is_left(settings: Any) -> None:
    renamed = {"https://new.example": {"scopes": {"orders:read": "See orders"}}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": renamed}
    migrate()

    [scope] = choose_scopes(["orders:read"])

    assert scope.api.identifier == "https://new.example"


def test_uses_up_no_revision_when_nothing_changed() -> None:
    before = list(Revision.objects.values_list("number")), AuditEvent.objects.count()

    migrate()

    assert (list(Revision.objects.values_list("number")), AuditEvent.objects.count()) == before


def test_stays_out_of_the_way_on_other_databases(settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {"https://new.example": {}}}
    config = apps.get_app_config("django_cc")

    settings.DATABASE_ROUTERS = ["tests.authorization_server.test_synchronisation.OursElsewhere"]
    post_migrate.send(sender=config, app_config=config, using="default", verbosity=0)

    settings.DATABASE_ROUTERS = []
    assert not API.objects.filter(identifier="https://new.example").exists()


class OursElsewhere:
    """Keeps our tables in a database of their own."""

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "other" if model._meta.app_label == "django_cc" else None


@pytest.mark.django_db(transaction=True)
def test_survives_the_removal_of_its_tables() -> None:
    output = StringIO()

    call_command("migrate", "django_cc", "zero", stdout=output)
    call_command("migrate", "django_cc", stdout=output)

    assert API.objects.filter(identifier=ORDERS).exists()


@pytest.mark.django_db(transaction=True)
def test_leaves_tables_of_an_earlier_migration_alone() -> None:
    try:
        call_command("migrate", "django_cc", "0002", verbosity=0)
        call_command("migrate", "django_cc", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)

    assert API.objects.filter(from_configuration=True).exists()
