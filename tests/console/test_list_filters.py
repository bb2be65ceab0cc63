"""The filters of the list: what they keep, what they count, and for whom."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_cc.authorization_server.clients.state import disable_client
from django_cc.console.clients import client_list
from django_cc.models import API, MachineClient
from tests.console.console import Console, create_user, read
from tests.console.test_client_list import list_names
from tests.machines import ACTOR, register

SIGNING_IN = 2  # queries: session and user
PAGE = 8  # queries, however many clients there are


def list_choices(console: Console, title: str, **query: str) -> list[str]:
    """Return what a filter offers."""
    text = read(console.visit("changelist", query=query))
    start = text.index(f"By {title}")
    part = text[start : text.index("</details>", start)]
    return [choice.strip() for choice in re.findall(r"<a href[^>]*>(.*?)</a>", part, re.DOTALL)]


def count_queries(console: Console, **query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert console.visit("changelist", query=query).status_code == 200
    return len([one for one in queries if one["sql"].startswith("SELECT")])


@pytest.fixture
def fleet(console: Console) -> None:
    """Four clients that differ in everything one can filter by."""
    now = timezone.now()
    ben = create_user("ben")
    register("Active", owner=console.user, secret_expires_at=now + timedelta(days=90))
    register("Week", ["billing:read"], owner=ben, secret_expires_at=now + timedelta(days=5))
    register("Month", owner=ben, secret_expires_at=now + timedelta(days=20))
    old = register("Old", ["billing:read"], secret_expires_at=now - timedelta(days=1))
    MachineClient.objects.filter(pk=old.row.pk).update(managed_by="adopted")
    disable_client(register("Off", ["orders:read", "billing:read"], owner=ben).row, ACTOR)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "disabled"}, ["Off"]),
        ({"status": "secret_expiring"}, ["Week"]),
        ({"status": "no_usable_credential"}, ["Old"]),
        ({"status": "active"}, ["Active", "Month"]),
        ({"authentication": "private_key_jwt"}, []),
        ({"authentication": "client_secret", "status": "disabled"}, ["Off"]),
        ({"managed_by": "adopted"}, ["Old"]),
        ({"expiry": "7d"}, ["Week"]),
        ({"expiry": "30d"}, ["Month"]),
        ({"expiry": "expired"}, ["Old"]),
        ({"status": "no such"}, []),
        ({"api": "x' OR 1=1"}, []),
        ({"api": "9" * 40}, []),
        ({"owner": "x"}, []),
    ],
    ids=str,
)
def test_keeps_the_chosen_ones(
    console: Console, fleet: None, query: dict[str, str], names: list[str]
) -> None:
    assert list_names(console, **query) == names


def test_keeps_the_clients_of_an_owner(console: Console, fleet: None) -> None:
    ben = MachineClient.objects.get(name="Week").owner_id

    assert list_names(console, owner=str(ben)) == ["Month", "Off", "Week"]


def test_keeps_the_clients_of_an_api_and_names_each_once(console: Console, fleet: None) -> None:
    billing = API.objects.get(name="Billing")

    assert list_names(console, api=str(billing.pk)) == ["Off", "Old", "Week"]


def test_counts_what_each_choice_would_leave(console: Console, fleet: None) -> None:
    assert list_choices(console, "status") == [
        "All",
        "Disabled (1)",
        "Client expired (0)",
        "Awaiting credentials (0)",
        "No usable credential (1)",
        "Secret expiring (1)",
        "Never used (0)",
        "Idle (0)",
        "Active (2)",
    ]
    assert list_choices(console, "owner") == ["All", "ana (1)", "ben (3)"]
    assert list_choices(console, "API") == ["All", "Billing (3)", "Orders (3)"]


def test_counts_with_the_other_filters_and_the_search_applied(
    console: Console, fleet: None
) -> None:
    billing = str(API.objects.get(name="Billing").pk)

    expiry = list_choices(console, "secret expiry", api=billing, expiry="7d")
    apis = list_choices(console, "API", status="disabled")
    owners = list_choices(console, "owner", q="Week")

    assert expiry == ["All", "Expired (1)", "Within 7 days (1)", "In 8 to 30 days (0)"]
    assert apis == ["All", "Billing (1)", "Orders (1)"]
    assert owners == ["All", "ana (0)", "ben (1)"]


def test_offers_a_way_back_where_a_filter_leaves_none(console: Console, fleet: None) -> None:
    text = read(console.visit("changelist", query={"authentication": "private_key_jwt"}))

    assert "0 machine clients" in text
    assert "Clear all filters" in text
    assert "No machine clients yet." not in text


def test_offers_and_counts_nothing_of_others(fleet: None) -> None:
    dev = create_user("dev", "view_machineclient")
    register("Mine", owner=dev)
    console = Console(dev)

    assert list_choices(console, "API") == ["All", "Orders (1)"]
    assert "Disabled (0)" in list_choices(console, "status")
    assert list_names(console, owner=str(MachineClient.objects.get(name="Week").owner_id)) == []
    assert list_names(console, api=str(API.objects.get(name="Billing").pk)) == []


def test_counts_when_asked_to_where_there_are_very_many(
    console: Console, fleet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_list, "MOST_COUNTED", 3)

    text = read(console.visit("changelist"))

    assert "Show counts" in text
    assert list_choices(console, "API") == ["All", "Billing", "Orders"]
    assert list_choices(console, "API", _facets="1") == ["All", "Billing (3)", "Orders (3)"]


@pytest.mark.parametrize("many", [False, True], ids=["counted", "not counted"])
@pytest.mark.parametrize("count", [1, 60])
@pytest.mark.parametrize("query", [{}, {"q": "sync", "status": "active", "o": "6"}], ids=str)
def test_asks_the_database_a_few_times_however_many_clients_there_are(
    admin_console: Console,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    query: dict[str, str],
    many: bool,
) -> None:
    owners = [create_user(f"user{number}") for number in range(3)]
    for number in range(count):
        register(f"Client {number:02} sync", owner=owners[number % 3])
    monkeypatch.setattr(client_list, "MOST_COUNTED", 0 if many else 10_000)

    assert count_queries(admin_console, **query) <= SIGNING_IN + PAGE
    assert len(list_names(admin_console, **query)) == min(count, 50)
