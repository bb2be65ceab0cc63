"""The list of machine clients."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.clients.status import ClientStatus
from django_cc.models import API, ClientSecret, MachineClient
from tests.console.console import Console, create_user, find_secrets, page_url, read
from tests.machines import ACTOR, Machine, register

SIGNING_IN = 2  # queries: session and user
PAGE = 8  # queries, however many clients there are


def list_names(console: Console, **query: str) -> list[str]:
    """Return the names the list shows."""
    text = read(console.visit("changelist", query=query))
    return re.findall(r'<th class="field-name_and_id"><a href="[^"]*">(.*?)<br>', text)


def register_in(status: ClientStatus) -> Machine:
    """Register a client that is in `status`."""
    days = 14 if status is ClientStatus.SECRET_EXPIRING else 15
    machine = register(secret_expires_at=timezone.now() + timedelta(days=days))
    if status is ClientStatus.DISABLED:
        disable_client(machine.row, ACTOR)
    if status is ClientStatus.EXPIRED:
        MachineClient.objects.filter(pk=machine.row.pk).update(expires_at=timezone.now())
    if status is ClientStatus.NO_USABLE_CREDENTIAL:
        machine.row.secrets.update(expires_at=timezone.now())
    if status is ClientStatus.AWAITING_CREDENTIALS:
        machine.row.secrets.all().delete()
    if status is ClientStatus.NEVER_USED:
        yesterday = timezone.now() - timedelta(days=1)
        MachineClient.objects.filter(pk=machine.row.pk).update(registered_at=yesterday)
    if status is ClientStatus.IDLE:
        machine.row.secrets.update(last_used_at=timezone.now() - timedelta(days=91))
    return machine


def test_shows_what_tells_clients_apart(console: Console) -> None:
    expiry = timezone.now() + timedelta(days=90)
    machine = register(
        scopes=["orders:read", "billing:read"], owner=console.user, secret_expires_at=expiry
    )

    text = read(console.visit("changelist"))

    row = text[text.index('<tr><th class="field-name_and_id">') :]
    for shown in ("Billing sync", machine.client_id, "Active", "Billing, Orders", "ana"):
        assert shown in row


@pytest.mark.parametrize("status", ClientStatus)
def test_shows_the_status_in_words(console: Console, status: ClientStatus) -> None:
    register_in(status)

    text = read(console.visit("changelist"))

    badge = f'<span class="cc-badge cc-badge--{status.value}">{status.label}</span>'
    assert badge in text
    assert text.count('class="cc-badge ') == 1


def test_a_client_whose_only_secret_is_revoked_has_no_usable_credential(
    console: Console, machine: Machine
) -> None:
    machine.row.secrets.update(revoked_at=timezone.now())

    assert "No usable credential" in read(console.visit("changelist"))


@pytest.mark.parametrize("searched", ["billing", "prod", "ana", "client ID"])
def test_finds_a_client_by_what_people_know_of_it(console: Console, searched: str) -> None:
    machine = register("Billing sync (prod)", owner=console.user)
    register("Invoice sync")

    query = machine.client_id if searched == "client ID" else searched

    assert list_names(console, q=query) == ["Billing sync (prod)"]


@pytest.mark.parametrize(
    ("chosen", "names"), [("enabled", ["Invoice sync"]), ("disabled", ["Billing sync"])]
)
def test_filters_by_status(console: Console, chosen: str, names: list[str]) -> None:
    disable_client(register("Billing sync").row, ACTOR)
    register("Invoice sync")

    assert list_names(console, state=chosen) == names


def test_filters_by_api_and_names_each_client_once(console: Console) -> None:
    register("Billing sync", ["billing:read", "shared:read"])
    register("Orders sync", ["orders:read"])
    billing = API.objects.get(name="Billing")

    shown = list_names(console, access__scope__api__id__exact=str(billing.pk))

    assert shown == ["Billing sync"]


def test_lists_clients_by_name(console: Console) -> None:
    for name in ("Orders sync", "Billing sync", "Invoice sync"):
        register(name)

    assert list_names(console) == ["Billing sync", "Invoice sync", "Orders sync"]


def test_says_what_a_client_is_where_there_is_none(console: Console) -> None:
    text = read(console.visit("changelist"))

    assert "No machine clients yet. A machine client is a program that calls your APIs" in text
    assert f'href="{page_url("add")}">Register a machine client</a>' in text


def test_says_no_such_thing_where_a_search_finds_none(console: Console, machine: Machine) -> None:
    text = read(console.visit("changelist", query={"q": "nothing like it"}))

    assert "0 results" in text
    assert "No machine clients yet." not in text


@pytest.mark.parametrize("count", [1, 60])
def test_asks_the_database_a_few_times_however_many_clients_there_are(
    admin_console: Console, count: int
) -> None:
    owners = [create_user(f"user{number}") for number in range(3)]
    for number in range(count):
        register(f"Client {number:02}", owner=owners[number % 3])

    with CaptureQueriesContext(connection) as queries:
        answer = admin_console.visit("changelist")

    asked = [query for query in queries if query["sql"].startswith("SELECT")]
    assert len(asked) <= SIGNING_IN + PAGE
    assert read(answer).count("cc-badge ") == min(count, 50)


@pytest.mark.parametrize("page", ["changelist", "change", "history", "disable"])
def test_no_page_shows_a_stored_digest(admin_console: Console, machine: Machine, page: str) -> None:
    args = [] if page == "changelist" else [machine.row.pk]

    answer = admin_console.visit(page, *args)

    digest = ClientSecret.objects.get().digest
    assert answer.status_code == 200
    assert digest.removeprefix("sha256$") not in read(answer)
    assert not find_secrets(answer)


@pytest.mark.parametrize("field", ["secrets__digest__startswith", "secrets__digest"])
def test_no_filter_of_the_address_bar_guesses_a_digest(
    admin_console: Console, machine: Machine, field: str
) -> None:
    digest = ClientSecret.objects.get().digest

    answer = admin_console.visit("changelist", query={field: digest})

    assert "Billing sync" not in read(answer)
    assert answer.status_code in {302, 400}


def test_a_client_of_a_deleted_owner_is_still_listed(console: Console) -> None:
    owner = create_user("ben")
    register(owner=owner)
    owner.delete()

    assert list_names(console) == ["Billing sync"]
    assert MachineClient.objects.get().owner is None
