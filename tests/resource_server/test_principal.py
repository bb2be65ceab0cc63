"""The machine behind a request, as Django and DRF touch it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from rest_framework.throttling import UserRateThrottle

from django_cc.protocol.access_token.claims import AccessTokenClaims
from django_cc.protocol.names import ClientID
from django_cc.protocol.scope import Scope
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.principal import MachinePrincipal

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is the moment the tokens were issued."""
    with time_machine.travel(NOW, tick=False):
        yield


def make_token(scope: str = "orders:read", *, expires_in: int = 600) -> AccessToken:
    claims = AccessTokenClaims(
        issuer="https://auth.example.com",
        subject="abc",
        audience="https://orders.example.com",
        client_id=ClientID("abc"),
        scope=Scope.of(scope.split()),
        issued_at=NOW,
        expires_at=NOW + timedelta(seconds=expires_in),
        token_id="1",
    )
    return AccessToken(claims)


def make_principal(scope: str = "orders:read", *, invited: bool = True) -> MachinePrincipal:
    return MachinePrincipal(make_token(scope), invited=invited)


def test_is_nobody_who_could_enter_the_admin() -> None:
    principal = make_principal()

    assert (principal.is_staff, principal.is_superuser) == (False, False)


@pytest.mark.parametrize("invited", [True, False])
def test_is_anonymous_unless_it_is_authenticated(invited: bool) -> None:
    principal = make_principal(invited=invited)

    assert (principal.is_authenticated, principal.is_active) == (invited, invited)
    assert principal.is_anonymous is not invited


def test_has_no_groups() -> None:
    principal = make_principal()

    assert not principal.groups.filter(name="staff").exists()
    assert not principal.user_permissions.exists()


def test_lists_its_scopes_as_permissions_where_it_is_invited() -> None:
    assert make_principal("a b").get_all_permissions() == {"a", "b"}
    assert make_principal("a b", invited=False).get_all_permissions() == set()


def test_explains_itself_where_a_user_was_expected() -> None:
    assert repr(make_principal()) == "<MachinePrincipal client:abc: no row of the user table>"
    assert (make_principal().email, make_principal().get_full_name()) == ("", "client:abc")


@pytest.mark.parametrize(
    "other", [AnonymousUser(), "client:abc", None, 7], ids=["anonymous", "text", "None", "number"]
)
def test_equals_nobody_else(other: object) -> None:
    assert make_principal() != other


def test_equals_no_user_even_of_its_name() -> None:
    assert make_principal() != get_user_model()(username="client:abc")


def test_equals_itself_by_another_token() -> None:
    assert make_principal("a") == make_principal("b")
    assert len({make_principal("a"), make_principal("b")}) == 1


def test_has_names_no_user_has() -> None:
    principal = make_principal()

    assert {
        principal.pk,
        principal.id,
        principal.username,
        principal.get_username(),
        str(principal),
    } == {"client:abc"}


def test_has_the_permissions_its_scope_names() -> None:
    principal = make_principal("orders.view_order orders:read")

    assert principal.has_perm("orders.view_order")
    assert principal.has_perms(["orders.view_order"])
    assert principal.has_module_perms("orders")


def test_has_no_other_permission() -> None:
    principal = make_principal("orders.view_order")

    assert not principal.has_perm("orders.add_order")
    assert not principal.has_perms(["orders.view_order", "orders.add_order"])
    assert not principal.has_module_perms("order")


def test_has_no_permission_at_all_where_it_is_a_stranger() -> None:
    principal = make_principal("orders.view_order", invited=False)

    assert not principal.has_perm("orders.view_order")
    assert not principal.has_module_perms("orders")


def test_has_no_permission_of_one_object() -> None:
    principal = make_principal("orders.view_order")

    assert not principal.has_perm("orders.view_order", object())
    assert not principal.has_perms(["orders.view_order"], object())
    assert principal.get_all_permissions(object()) == set()


def test_answers_asynchronous_views_the_same() -> None:
    principal = make_principal("orders.view_order")

    assert async_to_sync(principal.ahas_perm)("orders.view_order")
    assert not async_to_sync(principal.ahas_perm)("orders.view_order", object())
    assert async_to_sync(principal.ahas_perms)(["orders.view_order"])
    assert async_to_sync(principal.ahas_module_perms)("orders")
    assert async_to_sync(principal.aget_all_permissions)() == {"orders.view_order"}


def test_is_told_apart_by_throttles() -> None:
    class Throttle(UserRateThrottle):
        rate = "1/day"

    from rest_framework.test import APIRequestFactory

    request: Any = APIRequestFactory().get("/")
    request.user = make_principal()
    view: Any = None

    assert "client:abc" in str(Throttle().get_cache_key(request, view))


def test_speaks_the_toolkits_language() -> None:
    token = make_token("a b")

    assert token.scope == "a b"
    assert token.is_valid(["a"])
    assert token.is_valid()
    assert not token.is_valid(["c"])
    assert token.allow_scopes(["a", "b"])
    assert not token.allow_scopes([])


def test_is_invalid_when_it_has_expired() -> None:
    token = make_token(expires_in=-1)

    assert token.is_expired()
    assert not token.is_valid(["orders:read"])


def test_prints_who_it_belongs_to_and_nothing_secret() -> None:
    token = make_token()

    assert str(token) == "access token of abc"
    assert token.client_id == "abc"
    assert token.expires_at == NOW + timedelta(seconds=600)
