"""What docs/how-to/protect-views.md shows does what it says."""

import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from example_project.orders.models import Order
from tests.jwts import read_claims
from tests.machines import TokenEndpoint, register
from tests.transactions import IS_ATOMIC

PAGE = Path(__file__).parents[2] / "docs/how-to/protect-views.md"
API = "https://orders.example.com"
SCOPES = ["orders:read", "orders:write", "orders.view_order", "reports:read", "reports:admin"]
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)

made_without_a_transaction = pytest.mark.skipif(
    IS_ATOMIC, reason="DRF rolls back the transaction of the test: the request brings none along"
)


@pytest.fixture
def page(settings: Any, db: None) -> dict[str, Any]:
    """All that the page defines, in a project with one API."""
    from django.core.management import call_command

    settings.DJANGO_CC = {
        **settings.DJANGO_CC,
        "APIS": {API: {"name": "Orders", "scopes": dict.fromkeys(SCOPES, "")}},
    }
    call_command("migrate", verbosity=0)
    cache.clear()
    names: dict[str, Any] = {"Order": Order, "__name__": "page"}
    for block in BLOCKS:
        exec(block, names)
    return names


@pytest.fixture
def token(page: Any, token_endpoint: TokenEndpoint) -> Any:
    """Return a function that returns a token of a scope."""
    return lambda scope: token_endpoint.access_token(register(scope, scope.split()))


def ask(view: Any, token: str | None, method: str = "get") -> Any:
    header = {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    return view(getattr(APIRequestFactory(), method)("/", **header))


@made_without_a_transaction
def test_by_scope(page: dict[str, Any], token: Any) -> None:
    routes = {"get": "list", "post": "create"}
    view, reader = page["OrderViewSet"].as_view(routes), token("orders:read")

    statuses = [ask(view, reader, method).status_code for method in ("get", "post", "delete")]

    assert statuses == [200, 403, 403]
    assert ask(view, token("orders:write"), "post").data["placed_by"].startswith("client:")


@pytest.mark.parametrize(
    ("name", "scope", "status"),
    [
        ("OneScopeWillDo", "reports:admin", 200),
        ("OneScopeWillDo", "orders:read", 403),
        ("OnlyTheseClients", "reports:read", 403),
        ("TheseClientsWithThisScope", "reports:read", 403),
        ("AnyMachine", "orders:read", 200),
        ("MachinesAndPeople", "reports:read", 200),
        ("MachinesAndPeople", "orders:read", 403),
        ("NoMachines", "reports:read", 403),
        ("Orders", "orders.view_order", 200),
        ("Orders", "orders:read", 403),
        ("Prices", "orders:read", 200),
    ],
)
def test_by_other_rules(
    page: dict[str, Any], token: Any, name: str, scope: str, status: int
) -> None:
    assert ask(page[name].as_view(), token(scope)).status_code == status


@pytest.mark.parametrize("name", ["OnlyTheseClients", "TheseClientsWithThisScope"])
def test_by_client(page: dict[str, Any], token: Any, name: str) -> None:
    own = token("reports:read")
    view = page[name].as_view(allowed_clients=[read_claims(own)["client_id"]])

    assert ask(view, own).status_code == 200


def test_by_object(page: dict[str, Any], token: Any) -> None:
    reader = token("orders:read")

    def get(self: Any, request: Any) -> Any:
        self.check_object_permissions(request, Order(placed_by=request.query_params["by"]))
        return page["Response"]({})

    rules = {"permission_classes": [page["PlacedByThisClient"]], "required_scopes": SCOPES[:1]}
    view: Any = type("OneOrder", (APIView,), {**rules, "get": get})
    header: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {reader}"}
    own = f"client:{read_claims(reader)['client_id']}"
    statuses = [
        view.as_view()(APIRequestFactory().get("/", {"by": by}, **header)).status_code
        for by in (own, "client:somebody")
    ]

    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("drf_function", "orders:read"),
        ("plain_view", "orders:write"),
        ("machines_and_people", "orders:write"),
    ],
)
def test_functions(page: dict[str, Any], token: Any, name: str, scope: str) -> None:
    view = page[name]

    statuses = [ask(view, one).status_code for one in (token(scope), token("reports:read"), None)]

    assert statuses == [200, 403, 401]


def test_asynchronous_functions(page: dict[str, Any], token: Any) -> None:
    view = async_to_sync(page["plain_async_view"])

    assert [ask(view, one).status_code for one in (token("orders:read"), None)] == [200, 401]


@made_without_a_transaction
def test_throttling(page: dict[str, Any], token: Any) -> None:
    view, first, second = page["Search"].as_view(), token("orders:read"), token("orders:write")

    statuses = [ask(view, one).status_code for one in (first, first, first, second)]

    assert statuses == [200, 200, 429, 200]
