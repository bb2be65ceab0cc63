"""Scopes in the console: a list that answers who has what."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_cc.models import API, Scope
from tests.console.admin_pages import Pages
from tests.console.console import Console, create_user
from tests.machines import register
from tests.transactions import list_questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(db: None) -> Pages:
    """The pages as ida sees them, who may look at everything."""
    rights = ("view_scope", "view_api", "view_machineclient", "access_all_clients")
    return Pages(create_user("ida", *rights), "scope")


def listed(answer: Any) -> list[str]:
    return [scope.name for scope in answer.context["cl"].result_list]


def test_finds_a_scope_by_its_name_or_its_api(pages: Pages) -> None:
    api = API.objects.get(scopes__name="orders:read")

    assert "orders:read" in listed(pages.visit("changelist", q="orders:r"))
    assert "orders:read" in listed(pages.visit("changelist", q=api.identifier))


def test_the_number_of_holders_leads_to_them(pages: Pages) -> None:
    register("Reads", scopes=["orders:read"])
    register("Writes", scopes=["orders:write"])
    row = pages.text("changelist", q="orders:read").split("orders:read</code>")[1]
    path = row.split("machineclient/")[1].split('"')[0]

    answer = pages.browser.get(f"/admin/django_cc/machineclient/{path}", secure=True)

    assert [client.name for client in answer.context["cl"].result_list] == ["Reads"]


def test_counts_only_clients_that_the_user_sees() -> None:
    ben = create_user("ben", "view_scope", "view_machineclient")
    register("Not his", scopes=["orders:read"])

    answer = Pages(ben, "scope").visit("changelist", q="orders:read")

    assert [scope.client_count for scope in answer.context["cl"].result_list] == [0]


@pytest.mark.parametrize("scope", ["0", "x", "9" * 30, "²"])
def test_a_scope_that_is_not_there_narrows_nothing(pages: Pages, scope: str) -> None:
    machine = register()

    text = Console(pages.user).visit("changelist", query={"scope": scope}).content.decode()

    assert machine.client_id in text


def test_leads_to_the_api_where_a_scope_is_edited(pages: Pages) -> None:
    scope = Scope.objects.get(name="orders:read")

    answer = pages.visit("change", scope.pk)

    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/api/{scope.api_id}/change/")


def test_shows_a_scope_to_who_may_not_see_apis() -> None:
    pages = Pages(create_user("ben", "view_scope"), "scope")

    text = pages.text("change", Scope.objects.get(name="orders:read").pk)

    assert "orders:read" in text
    assert 'name="_save"' not in text


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nothing_is_done_here(admin_console: Console, page: str) -> None:
    pages = Pages(admin_console.user, "scope")
    scope = Scope.objects.get(name="orders:read")
    args = [] if page == "add" else [scope.pk]

    answer = pages.submit(page, *args, name="mine", post="yes")

    assert answer.status_code == 403
    assert Scope.objects.filter(pk=scope.pk, name="orders:read").exists()


def test_asks_few_questions(pages: Pages) -> None:
    for number in range(20):
        register(f"Client {number}")

    with CaptureQueriesContext(connection) as queries:
        pages.text("changelist")

    assert len(list_questions(queries)) <= 8
