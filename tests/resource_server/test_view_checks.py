"""System checks of views: each speaks where something is wrong, and only there."""

from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from oauth2_provider.contrib.rest_framework import TokenHasResourceScope, TokenHasScope
from rest_framework.decorators import api_view
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from django_cc.resource_server.decorators import machine_access
from django_cc.resource_server.permissions import (
    HasAnyRequiredScope,
    HasRequiredScopes,
    IsAllowedClient,
    IsMachine,
)
from django_cc.resource_server.throttling import ClientRateThrottle, ScopedClientRateThrottle
from tests.projects.api_views import WhoAmI
from tests.projects.combined import ORDERS_API

urlpatterns: list[Any] = []


def view(**attributes: Any) -> Any:
    """Return a view of the class `Mine` with these attributes."""
    kind: Any = type("Mine", (WhoAmI,), {"__module__": "shop", **attributes})
    return kind.as_view()


def find(settings: Any, *views: Any) -> dict[str, CheckMessage]:
    """Return what our checks say of a project with these views, by id."""
    routes = [path(f"{number}/", one) for number, one in enumerate(views)]
    urlpatterns[:] = [path("", include("django_cc.urls")), *routes]
    settings.ROOT_URLCONF = __name__
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": None}
    found = run_checks()
    return {str(m.id): m for m in found if str(m.id).startswith("django_cc")}


def ids(settings: Any, *views: Any) -> set[str]:
    return set(find(settings, *views))


def plain(request: HttpRequest) -> HttpResponse:
    """A plain view."""
    return HttpResponse()


GOOD: dict[str, dict[str, Any]] = {
    "scopes": {"permission_classes": [HasRequiredScopes], "required_scopes": ["orders:read"]},
    "any of": {"permission_classes": [HasAnyRequiredScope], "required_scopes": "orders:read"},
    "clients": {"permission_classes": [IsAllowedClient], "allowed_clients": ["abc"]},
    "any machine": {"permission_classes": [IsMachine]},
    "invited by the view": {"permission_classes": [IsAuthenticated], "machine_access": True},
    "for people": {"permission_classes": [IsAuthenticated], "machine_access": False},
    "public": {"permission_classes": [AllowAny]},
    "of the toolkit": {"permission_classes": [TokenHasScope], "required_scopes": ["orders:read"]},
    "scopes put together": {
        "permission_classes": [TokenHasResourceScope],
        "required_scopes": ["orders"],
    },
}


@pytest.mark.parametrize("attributes", GOOD.values(), ids=GOOD)
def test_finds_nothing_wrong_with_a_good_view(
    db: None, settings: Any, attributes: dict[str, Any]
) -> None:
    assert ids(settings, view(**attributes)) == set()


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "scopes nobody reads": (
        "django_cc.E102",
        {"permission_classes": [IsMachine], "required_scopes": ["orders:read"]},
    ),
    "clients nobody reads": (
        "django_cc.E102",
        {"permission_classes": [IsMachine], "allowed_clients": ["abc"]},
    ),
    "machine_access that is no truth": ("django_cc.E120", {"machine_access": "orders:read"}),
    "an invitation that asks for nothing": (
        "django_cc.W120",
        {"permission_classes": [AllowAny], "machine_access": True},
    ),
    "an invitation without permissions": (
        "django_cc.W120",
        {"permission_classes": [], "machine_access": True},
    ),
    "a throttle without a rate": ("django_cc.E122", {"throttle_classes": [ClientRateThrottle]}),
    "a rate that is none": (
        "django_cc.E122",
        {"throttle_classes": [ClientRateThrottle], "client_rate": "lots"},
    ),
    "a throttle scope without a rate": (
        "django_cc.E122",
        {"throttle_classes": [ScopedClientRateThrottle], "throttle_scope": "exports"},
    ),
    "a scope that nobody declares": (
        "django_cc.W020",
        {"permission_classes": [HasRequiredScopes], "required_scopes": {"GET": ["orders:raed"]}},
    ),
}


@pytest.mark.parametrize(("expected", "attributes"), BAD.values(), ids=BAD)
def test_finds_what_is_wrong_with_a_view(
    db: None, settings: Any, expected: str, attributes: dict[str, Any]
) -> None:
    message = find(settings, view(**attributes))[expected]

    assert "shop.Mine" in message.msg


RATES: list[dict[str, Any]] = [
    {"throttle_classes": [ClientRateThrottle], "client_rate": "5/min"},
    {"throttle_classes": [ScopedClientRateThrottle]},
]


@pytest.mark.parametrize("attributes", RATES, ids=str)
def test_is_content_with_a_throttle_that_has_its_rate(
    db: None, settings: Any, attributes: dict[str, Any]
) -> None:
    assert "django_cc.E122" not in ids(settings, view(**attributes))


def test_finds_what_a_route_says_otherwise_than_the_class(db: None, settings: Any) -> None:
    class Orders(WhoAmI):
        required_scopes = ["orders:read"]

    routed = Orders.as_view(permission_classes=[HasRequiredScopes])
    misspelt = Orders.as_view(
        permission_classes=[HasRequiredScopes], required_scopes=["orders:raed"]
    )

    assert ids(settings, routed) == set()
    assert ids(settings, misspelt) == {"django_cc.W020"}


def test_looks_at_each_action_that_has_rules_of_its_own(db: None, settings: Any) -> None:
    class Orders(ViewSet):
        api = ORDERS_API
        permission_classes = [HasRequiredScopes]
        required_scopes: Any = ["orders:read"]

        def cancel(self, request: Any) -> Response:
            return Response()

    route = Orders.as_view({"post": "cancel"}, required_scopes=["orders:cancel"])

    assert "orders:cancel" in find(settings, route)["django_cc.W020"].msg


class Elsewhere(HasRequiredScopes):
    """Finds its scopes by itself."""

    def get_required_scopes(self, request: Any, view: Any) -> list[str]:
        return []


UNKNOWABLE: dict[str, dict[str, Any]] = {
    "found elsewhere": {"permission_classes": [Elsewhere], "required_scopes": ["orders"]},
    "a property": {
        "permission_classes": [HasRequiredScopes],
        "required_scopes": property(lambda _: ["x"]),
    },
    "an API known at run time": {
        "permission_classes": [HasRequiredScopes],
        "required_scopes": ["x"],
        "api": property(lambda _: ORDERS_API),
    },
}


@pytest.mark.parametrize("attributes", UNKNOWABLE.values(), ids=UNKNOWABLE)
def test_says_nothing_of_what_it_cannot_know(
    db: None, settings: Any, attributes: dict[str, Any]
) -> None:
    assert ids(settings, view(**attributes)) == set()


def test_leaves_views_alone_that_choose_their_permissions_themselves(
    db: None, settings: Any
) -> None:
    def get_permissions(self: Any) -> list[Any]:
        return [HasRequiredScopes()]

    assert ids(settings, view(get_permissions=get_permissions, machine_access=True)) == set()


def test_finds_machine_access_below_api_view(db: None, settings: Any) -> None:
    good = machine_access(scopes=["orders:read"], api=ORDERS_API)
    below = api_view(["GET"])(good(plain))
    above = good(api_view(["GET"])(lambda request: Response()))

    assert "django_cc.E121" in ids(settings, below)
    assert ids(settings, above) == set()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"scopes": {"GET": "orders:read"}, "api": ORDERS_API}, set()),
        ({"any_scope": True, "api": ORDERS_API}, set()),
        ({"scopes": ["orders:raed"], "api": ORDERS_API}, {"django_cc.W020"}),
        ({"any_of": ["orders:raed"], "api": ORDERS_API}, {"django_cc.W020"}),
        ({"scopes": ["orders:read"]}, {"django_cc.E006"}),
        ({"scopes": ["orders:read"], "api": "https://order.example.com"}, {"django_cc.E006"}),
    ],
    ids=str,
)
def test_looks_at_plain_views_too(
    db: None, settings: Any, rules: dict[str, Any], expected: set[str]
) -> None:
    assert ids(settings, machine_access(**rules)(plain)) == expected


def test_compares_with_the_only_api_where_none_is_named(db: None, settings: Any) -> None:
    only = {ORDERS_API: {"scopes": {"orders:read": ""}}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": only}

    assert ids(settings, machine_access(scopes=["orders:write"])(plain)) == {"django_cc.W020"}


def test_compares_with_nothing_where_the_apis_are_in_the_database(db: None, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {}}

    assert ids(settings, machine_access(scopes=["orders:write"])(plain)) == set()


def test_leaves_wrong_settings_to_the_check_that_explains_them(db: None, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "nonsense"}

    assert ids(settings, machine_access(scopes=["x"])(plain)) == {"django_cc.E001"}
