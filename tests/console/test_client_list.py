"""The list of machine clients."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.clients.status import ClientStatus
from django_cc.models import API, ClientSecret, MachineClient, Scope
from tests.audit_events import REFERENCE, add_refusal
from tests.console.console import Console, create_user, find_secrets, page_url, read
from tests.console.usage import count
from tests.machines import ACTOR, Machine, register


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

    row = text[text.index('<th class="field-name_and_id">') :]
    shown = ("Billing sync", machine.client_id, "Active", "Billing, Orders", "ana", "Never")
    assert [part for part in shown if part not in row] == []


@pytest.mark.parametrize("status", ClientStatus)
def test_shows_the_status_in_words(console: Console, status: ClientStatus) -> None:
    register_in(status)

    text = read(console.visit("changelist"))

    soon = status is ClientStatus.SECRET_EXPIRING
    words = "Expires in 13 days" if soon else status.label
    badge = f'<span class="cc-badge cc-badge--{status.value}">{words}</span>'
    assert badge in text
    assert text.count('class="cc-badge ') == 1


def test_a_client_whose_only_secret_is_revoked_has_no_usable_credential(
    console: Console, machine: Machine
) -> None:
    machine.row.secrets.update(revoked_at=timezone.now())

    assert "No usable credential" in read(console.visit("changelist"))


@pytest.mark.parametrize(
    "searched", ["billing", "prod", "night shift", "ana", "client ID", "start", "end", "ends"]
)
def test_finds_a_client_by_what_people_know_of_it(console: Console, searched: str) -> None:
    machine = register("Billing sync (prod)", owner=console.user, description="Ask night shift.")
    register("Invoice sync")
    start, end = machine.client_secret[:9], machine.client_secret[-4:]
    known = {"client ID": machine.client_id, "start": start, "end": end, "ends": f"{start}…{end}"}

    assert list_names(console, q=known.get(searched, searched)) == ["Billing sync (prod)"]


def test_does_not_search_the_middle_of_a_secret(console: Console, machine: Machine) -> None:
    assert list_names(console, q=machine.client_secret[9:15]) == []


@pytest.mark.parametrize("around", ["{}", " {} ", "where is {}?", "{}x"])
def test_a_whole_secret_is_not_searched_and_not_shown(
    console: Console, machine: Machine, around: str
) -> None:
    query = {"q": around.format(machine.client_secret), "o": "1"}

    answer = console.visit("changelist", query=query)
    after = read(console.visit("changelist"))

    assert answer["Location"] == page_url("changelist")
    assert "That looks like a client secret. It is now in this server's logs" in after
    assert f'use <a href="{page_url("identify")}">Identify</a>.' in after
    assert machine.client_secret not in after
    assert machine.client_secret not in str(console.browser.cookies)


def test_marks_what_stands_out(console: Console) -> None:
    owner = create_user("ben")
    register(owner=owner)
    get_user_model().objects.filter(pk=owner.pk).update(is_active=False)
    MachineClient.objects.update(managed_by=MachineClient.ManagedBy.ADOPTED)

    text = read(console.visit("changelist"))

    assert "Owner inactive</span>" in text
    assert "Adopted</span>" in text


def test_names_two_apis_and_counts_the_rest(console: Console) -> None:
    scopes = ["orders:read", "billing:read"]
    for name in ("Stock", "Tax"):
        api = API.objects.create(identifier=f"https://{name}.example.com", name=name)
        Scope.objects.create(api=api, name=f"{name}:read")
        scopes.append(f"{name}:read")
    register(scopes=scopes)

    assert "Billing, Orders +2" in read(console.visit("changelist"))


def test_says_how_long_ago_a_client_was_used_and_how_much(
    console: Console, machine: Machine
) -> None:
    now = timezone.now()
    machine.row.secrets.update(last_used_at=now - timedelta(minutes=4))
    count(machine, issued=7)
    count(machine, issued=30, hours_ago=26)
    count(machine, refused=3)

    text = read(console.visit("changelist"))

    assert "4\xa0minutes ago</time>" in text
    assert '<td class="field-tokens">7</td>' in text


SORTS = {
    "2": "status",
    "4": "owner",
    "5": "last used",
    "6": "tokens",
    "7": "secret expires",
}


@pytest.mark.parametrize("column", SORTS, ids=SORTS.get)
def test_sorts_by_every_column_but_apis(console: Console, column: str) -> None:
    now = timezone.now()
    less = register("A less", owner=create_user("abe"), secret_expires_at=now + timedelta(days=3))
    more = register("B more", owner=create_user("zoe"), secret_expires_at=None)
    for machine, days in ((less, 2), (more, 1)):
        machine.row.secrets.update(last_used_at=now - timedelta(days=days))
    count(more, issued=9)

    assert list_names(console, o=column) == ["A less", "B more"]
    assert list_names(console, o=f"-{column}") == ["B more", "A less"]
    assert list_names(console, o="3") == ["A less", "B more"]


def test_who_sees_one_owner_only_sees_no_column_of_owners(machine: Machine) -> None:
    dev = create_user("dev", "view_machineclient")
    register("Mine", owner=dev)

    text = read(Console(dev).visit("changelist"))

    assert "field-owner_name" not in text
    assert "By owner" not in text
    assert list_names(Console(dev)) == ["Mine"]


def test_lists_clients_by_name(console: Console) -> None:
    for name in ("Orders sync", "Billing sync", "Invoice sync"):
        register(name)

    assert list_names(console) == ["Billing sync", "Invoice sync", "Orders sync"]


def test_says_what_a_client_is_where_there_is_none(console: Console) -> None:
    text = read(console.visit("changelist"))

    assert "No machine clients yet. A machine client is a program that calls your APIs" in text
    assert f'href="{page_url("add")}">Register a machine client</a>' in text


def test_asks_for_an_api_first_where_there_is_none(console: Console) -> None:
    API.objects.filter(built_in=False).delete()

    assert "First add the API it will call." in read(console.visit("changelist"))


def test_says_no_such_thing_where_a_search_finds_none(console: Console, machine: Machine) -> None:
    text = read(console.visit("changelist", query={"q": "nothing like it"}))

    assert "0 results" in text
    assert "No machine clients yet." not in text


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


@pytest.mark.parametrize(
    "term", [REFERENCE, f"(reference {REFERENCE})", f" {REFERENCE.upper()} "], ids=str
)
def test_leads_from_a_reference_to_identify(console: Console, term: str) -> None:
    add_refusal("wrong_secret", client_id=register().client_id)

    text = read(console.visit("changelist", query={"q": term}))

    assert "This looks like a reference:" in text
    form = text.partition(f'action="{page_url("identify")}"')[2].partition("</form>")[0]
    assert f'name="text" value="{REFERENCE}"' in form
    assert "mistyped or cut" in read(console.submit("identify", text=REFERENCE))


@pytest.mark.parametrize("term", ["dccs_abcd", "dccs_abcdefgh", "dccs_zzzz…zzzz"])
def test_leads_from_the_beginning_of_a_secret_to_identify(console: Console, term: str) -> None:
    register()

    text = read(console.visit("changelist", query={"q": term}))

    assert "This looks like a part of a client secret:" in text
    assert f'href="{page_url("identify")}">Identify it</a>' in text


@pytest.mark.parametrize("term", ["Nothing", "0123456789abcde", "dccs"])
def test_leads_nowhere_from_other_words(console: Console, term: str) -> None:
    register()

    assert "This looks like" not in read(console.visit("changelist", query={"q": term}))


def test_does_not_lead_away_from_what_was_found(console: Console) -> None:
    register(REFERENCE)
    secret = register("Found").row.secrets.get()

    for term in (REFERENCE, str(secret)):
        text = read(console.visit("changelist", query={"q": term}))
        assert "This looks like" not in text
