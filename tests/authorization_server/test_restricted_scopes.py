"""Scopes that it takes a right of their own to give to a client."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.test import override_settings

from django_cc.authorization_server.apis.api_editing import create_api
from django_cc.authorization_server.apis.scope_choice import choose_scopes
from django_cc.authorization_server.apis.scope_editing import create_scope, update_scope
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.registration import Registration, register_client
from django_cc.authorization_server.clients.secrets import default_expiry
from django_cc.authorization_server.settings import get_settings
from django_cc.models import MachineClient, Scope
from tests.machines import ACTOR, register
from tests.projects import combined

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    """A user of the console."""
    return User.objects.create_user("ana")


@pytest.fixture
def restricted(db: None) -> Scope:
    """A scope that not everybody may give."""
    Scope.objects.filter(name="orders:write").update(restricted=True)
    return Scope.objects.get(name="orders:write")


def configure(scope: Any) -> dict[str, Any]:
    api = {"name": "Orders", "scopes": {"orders:write": scope}}
    return combined.DJANGO_CC | {"APIS": {combined.ORDERS_API: api}}


def test_a_user_without_the_right_cannot_give_one(ana: User, restricted: Scope) -> None:
    machine = register(scopes=["orders:read"])

    with pytest.raises(ValidationError, match=r"may grant restricted scopes: orders:write\."):
        grant_access(machine.row, [restricted], Actor.for_user(ana, address=None))

    assert not machine.row.access.filter(scope=restricted).exists()


def test_a_user_without_the_right_cannot_register_with_one(ana: User, restricted: Scope) -> None:
    registration = Registration(
        "Billing sync", choose_scopes(["orders:write"]), secret_expires_at=default_expiry()
    )

    with pytest.raises(ValidationError, match="restricted"):
        register_client(registration, Actor.for_user(ana, address=None))

    assert not MachineClient.objects.exists()


def test_a_user_with_the_right_can(ana: User, restricted: Scope) -> None:
    ana.user_permissions.add(Permission.objects.get(codename="grant_restricted_scope"))
    machine = register(scopes=["orders:read"])

    grant_access(machine.row, [restricted], Actor.for_user(ana, address=None))

    assert machine.row.access.filter(scope=restricted).exists()


def test_it_is_the_scope_as_it_is_now_that_counts(ana: User) -> None:
    machine = register(scopes=["orders:read"])
    chosen = choose_scopes(["orders:write"])
    Scope.objects.filter(name="orders:write").update(restricted=True)

    with pytest.raises(ValidationError, match="restricted"):
        grant_access(machine.row, chosen, Actor.for_user(ana, address=None))


def test_the_settings_may_restrict_a_scope() -> None:
    with override_settings(DJANGO_CC=configure({"description": "Place", "restricted": True})):
        call_command("migrate", verbosity=0)

        scope = Scope.objects.get(name="orders:write")

    assert (scope.description, scope.restricted) == ("Place", True)


@pytest.mark.parametrize(
    "scope", [1, {"descripton": "Place"}, {"restricted": "yes"}, {"description": 1}], ids=str
)
def test_a_scope_of_another_shape_is_refused_by_its_name(scope: Any) -> None:
    with (
        override_settings(DJANGO_CC=configure(scope)),
        pytest.raises(ImproperlyConfigured, match="orders:write"),
    ):
        get_settings()


def test_lifting_a_restriction_takes_the_same_right(ana: User) -> None:
    stock = create_api("https://stock.example.com", ACTOR, name="Stock")
    scope = create_scope(stock, "stock:write", ACTOR, restricted=True)
    user = Actor.for_user(ana, address=None)

    with pytest.raises(ValidationError, match="may grant restricted scopes: stock:write"):
        update_scope(scope, user, restricted=False)

    assert Scope.objects.get(pk=scope.pk).restricted
    assert update_scope(scope, user, description="Place stock")
    assert update_scope(scope, ACTOR, restricted=False)
