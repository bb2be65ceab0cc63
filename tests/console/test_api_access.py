"""The tab "API access": what a client holds, and changing it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from django_cc.authorization_server.apis.scope_choice import find_api
from django_cc.authorization_server.clients.access import grant_access
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.models import API, APIAccess, AuditEvent, MachineClient, Scope
from tests.console.console import Console, create_user, page_url, read
from tests.machines import ACTOR, Machine, register

ORDERS = "https://orders.example.com"
BILLING = "https://billing.example.com"


@pytest.fixture
def approver(db: None) -> Console:
    """The console as eve sees it, who may give scopes, but no restricted ones."""
    rights = ("view_machineclient", "access_all_clients", "grant_access")
    return Console(create_user("eve", *rights))


def held(machine: Machine) -> set[str]:
    return set(APIAccess.objects.filter(client=machine.row).values_list("scope__name", flat=True))


def keys(*names: str) -> list[int]:
    return list(Scope.objects.filter(name__in=names).values_list("pk", flat=True))


def choose(console: Console, machine: Machine, *names: str, **more: Any) -> HttpResponse:
    """Submit the form as it is shown now, with these scopes ticked."""
    seen = APIAccess.objects.filter(client=machine.row).values_list("scope_id", flat=True)
    fields = {"seen": ",".join(map(str, seen)), "scopes": keys(*names), "default_api": ""}
    return console.submit("access", machine.row.pk, **{**fields, **more})


def restrict(name: str) -> None:
    Scope.objects.filter(name=name).update(restricted=True)


def test_shows_what_is_held_from_whom_and_when_it_was_requested(
    console: Console, machine: Machine
) -> None:
    APIAccess.objects.filter(scope__name="orders:read").update(
        last_requested_on=datetime.now(UTC).date()
    )

    text = read(console.visit("access", machine.row.pk))

    assert "Orders" in text
    assert ACTOR.name in text
    assert "Last requested today" in text
    assert "Never requested" in text


def test_marks_a_scope_that_is_not_requested(console: Console, machine: Machine) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=91)
    APIAccess.objects.filter(scope__name="orders:read").update(last_requested_on=long_ago.date())

    assert "Not requested in 90 days" in read(console.visit("access", machine.row.pk))


def test_says_whose_tokens_a_client_may_introspect(console: Console, machine: Machine) -> None:
    allow_introspection(find_api(BILLING), machine.row, ACTOR)

    text = read(console.visit("access", machine.row.pk))

    assert "may ask about every token for Billing" in text


def test_says_that_nothing_is_held(console: Console) -> None:
    machine = register(scopes=())

    assert "No API access yet" in read(console.visit("access", machine.row.pk))


def test_gives_what_is_ticked_at_once(approver: Console, machine: Machine) -> None:
    answer = choose(approver, machine, "orders:read", "orders:write", "billing:read")

    assert answer["Location"] == page_url("access", machine.row.pk)
    assert held(machine) == {"orders:read", "orders:write", "billing:read"}
    event = AuditEvent.objects.get(event="access_granted")
    assert (event.actor, event.detail) == ("eve", "+ billing:read")


def test_shows_what_is_taken_before_it_is(approver: Console, machine: Machine) -> None:
    APIAccess.objects.filter(scope__name="orders:write").update(
        last_requested_on=datetime.now(UTC).date()
    )

    text = read(choose(approver, machine, "orders:read"))

    assert "Removes orders:write at Orders. Last requested today." in text
    assert "Every token of this client dies" in text
    assert held(machine) == {"orders:read", "orders:write"}


def test_takes_it_once_that_was_confirmed(approver: Console, machine: Machine) -> None:
    generation = machine.row.generation

    choose(approver, machine, "orders:read", confirmed="yes")

    assert held(machine) == {"orders:read"}
    assert MachineClient.objects.get().generation == generation + 1


def test_chooses_the_default_api(approver: Console, machine: Machine) -> None:
    orders = API.objects.get(identifier=ORDERS)

    choose(approver, machine, "orders:read", "orders:write", default_api=orders.pk)

    assert MachineClient.objects.get().default_api == orders


def test_refuses_a_default_api_at_which_nothing_is_held(
    approver: Console, machine: Machine
) -> None:
    billing = API.objects.get(identifier=BILLING)

    choose(approver, machine, "orders:read", "billing:read", confirmed="yes", default_api="")
    answer = choose(approver, machine, "orders:read", confirmed="yes", default_api=billing.pk)

    assert held(machine) == {"orders:read", "billing:read"}
    assert "must offer one of the client's scopes" in read(approver.visit("access", machine.row.pk))
    assert answer.status_code == 302


def test_tells_who_changed_it_meanwhile_and_saves_nothing(
    approver: Console, machine: Machine
) -> None:
    seen = ",".join(map(str, keys("orders:read", "orders:write")))
    billing = list(Scope.objects.filter(name="billing:read").select_related("api"))
    grant_access(machine.row, billing, ACTOR)

    choose(approver, machine, "orders:read", seen=seen, confirmed="yes")

    assert held(machine) == {"orders:read", "orders:write", "billing:read"}
    text = read(approver.visit("access", machine.row.pk))
    assert "Changed by tests at " in text
    assert "Nothing was saved." in text


def test_a_restricted_scope_cannot_be_ticked_without_the_right(
    approver: Console, machine: Machine
) -> None:
    restrict("billing:read")

    text = read(approver.visit("access", machine.row.pk))

    assert '<span class="cc-badge">Restricted</span>' in text
    assert f'value="{keys("billing:read")[0]}" id="id_scopes_' in text
    assert text.count(" disabled") == 1


def test_a_restricted_scope_is_refused_by_a_forged_post(
    approver: Console, machine: Machine
) -> None:
    restrict("billing:read")

    choose(approver, machine, "orders:read", "orders:write", "billing:read")

    assert held(machine) == {"orders:read", "orders:write"}
    assert "Needs someone who may grant restricted scopes: billing:read." in read(
        approver.visit("access", machine.row.pk)
    )


def test_a_restricted_scope_that_is_held_stays_and_can_be_taken(
    approver: Console, machine: Machine
) -> None:
    restrict("orders:write")

    choose(approver, machine, "orders:read", "orders:write")
    stayed = held(machine)
    choose(approver, machine, "orders:read", confirmed="yes")

    assert (stayed, held(machine)) == ({"orders:read", "orders:write"}, {"orders:read"})


def test_without_the_right_there_is_no_form_and_a_forged_post_is_denied(
    machine: Machine,
) -> None:
    console = Console(create_user("ben", "view_machineclient", "access_all_clients"))

    text = read(console.visit("access", machine.row.pk))

    answer = choose(console, machine)

    assert "Save API access" not in text
    assert page_url("remove_access", machine.row.pk, API.objects.get(name="Orders").pk) not in text
    assert answer.status_code == 403
    assert AuditEvent.objects.filter(event="action_denied", detail="access").exists()


def test_removes_access_to_an_api_after_asking(approver: Console, machine: Machine) -> None:
    orders = API.objects.get(name="Orders")

    asked = read(approver.visit("remove_access", machine.row.pk, orders.pk))
    still = held(machine)
    approver.submit("remove_access", machine.row.pk, orders.pk)

    assert "Remove access to “Orders”" in asked
    assert "Removes orders:read at Orders. Never requested." in asked
    assert still == {"orders:read", "orders:write"}
    assert held(machine) == set()


def test_says_that_there_is_nothing_to_remove(approver: Console, machine: Machine) -> None:
    billing = API.objects.get(name="Billing")

    text = read(approver.visit("remove_access", machine.row.pk, billing.pk))
    approver.submit("remove_access", machine.row.pk, billing.pk)

    assert "Billing" not in text.partition("<h1>")[2].partition("</h1>")[0]
    assert "holds nothing at this API any more" in read(approver.visit("access", machine.row.pk))


@pytest.mark.parametrize("scopes", [["nonsense"], ["999999"]])
def test_a_forged_choice_is_refused(approver: Console, machine: Machine, scopes: list[str]) -> None:
    answer = choose(approver, machine, scopes=scopes)

    assert answer.status_code == 200
    assert held(machine) == {"orders:read", "orders:write"}


@pytest.mark.parametrize("page", ["access", "limits", "tokens", "try"])
def test_somebody_elses_client_does_not_exist(machine: Machine, page: str) -> None:
    rights = ("view_machineclient", "grant_access", "change_machineclient", "revoke_tokens")
    ben = Console(create_user("ben", *rights, "test_request"))

    for answer in (ben.visit(page, machine.row.pk), ben.submit(page, machine.row.pk)):
        assert answer.status_code == 302
        assert answer["Location"] == "/admin/"
