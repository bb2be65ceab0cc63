"""The dashboard: figures, what needs attention, and whose."""

import base64
import re
from datetime import timedelta
from typing import Any, cast

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from django_cc.authorization_server import recording
from django_cc.authorization_server.clients.secrets import revoke_secret
from django_cc.authorization_server.recording import write_down
from django_cc.models import UsageHour
from tests.assertions import new_key
from tests.audit_events import add_refusal
from tests.console.console import Console, create_user, page_url, read
from tests.console.usage import count
from tests.machines import ACTOR, Machine, TokenEndpoint, register

URL = "admin:django_cc_dashboard_changelist"


def look(console: Console, **query: str) -> str:
    """Return the dashboard as text."""
    answer: Any = console.browser.get(reverse(URL), query, secure=True)
    assert answer.status_code == 200
    return read(answer)


@pytest.fixture
def auditor(db: None) -> Console:
    """The console as one sees it who may see everything of everybody."""
    rights = ("view_dashboard", "access_all_clients", "view_machineclient", "view_auditevent")
    return Console(create_user("kim", *rights))


@pytest.fixture
def developer(db: None) -> Console:
    """The console of one who sees what is theirs."""
    return Console(create_user("dev", "view_dashboard", "view_machineclient"))


def test_says_what_to_do_where_nothing_happened_yet(auditor: Console) -> None:
    text = look(auditor)

    assert "No token requests yet." in text
    assert "A machine client with a credential." in text


def test_sums_up_the_chosen_time(auditor: Console, machine: Machine) -> None:
    count(machine, issued=7, refused=2)
    count(machine, issued=30, hours_ago=48)

    day, week = look(auditor), look(auditor, range="7d")

    assert "7 issued, 2 refused." in day
    assert "37 issued, 2 refused." in week


def test_takes_the_day_where_the_address_names_no_time(auditor: Console) -> None:
    assert 'href="?range=24h" aria-current="page"' in look(auditor, range="<b>")


def test_says_why_requests_were_refused_and_how_often(auditor: Console, machine: Machine) -> None:
    count(machine, refused=5)

    text = look(auditor)

    assert "wrong_secret" in text
    assert "The client secret was none of any client's" in text


def test_names_those_who_got_most_tokens(auditor: Console) -> None:
    for number in range(12):
        count(register(f"Client {number:02}"), issued=number + 1)

    text = look(auditor)
    listed = text[text.index('id="cc-top"') : text.index('id="cc-expiring"')]

    assert listed.count("/change/") == 10
    assert listed.index("Client 11") < listed.index("Client 10")
    assert "Client 01" not in listed


def test_lists_secrets_that_end_soon(auditor: Console) -> None:
    register("Soon", secret_expires_at=timezone.now() + timedelta(days=29))
    register("Later", secret_expires_at=timezone.now() + timedelta(days=31))

    text = look(auditor)
    listed = text[text.index('id="cc-expiring"') : text.index('id="cc-attention"')]

    assert "Soon" in listed
    assert "Later" not in listed


def test_points_at_clients_that_need_attention(auditor: Console) -> None:
    machine = register("Lost")
    machine.row.secrets.update(revoked_at=timezone.now())

    text = look(auditor)

    assert text.index("<h3>No usable credential</h3>") < text.index(">Lost</a>")


def test_shows_a_developer_their_own_clients_alone(developer: Console) -> None:
    group = Group.objects.create(name="Night shift")
    developer.user.groups.add(group)
    count(register("Of another"), issued=100)
    count(register("Mine", owner=developer.user), issued=3)
    count(register("Ours", owning_group=group), issued=4)

    text = look(developer)

    assert "Your machine clients only." in text
    assert "7 issued, 0 refused." in text
    assert "Of another" not in text


def test_is_closed_to_who_may_not_see_it(db: None) -> None:
    ben = Console(create_user("ben", "view_machineclient"))

    assert ben.browser.get(reverse(URL), secure=True).status_code == 403
    assert URL not in read(ben.browser.get(reverse("admin:index"), secure=True))  # type: ignore[arg-type]


def test_asks_as_often_for_many_clients_as_for_one(auditor: Console) -> None:
    register("First")
    with CaptureQueriesContext(
        connection,
    ) as first:
        look(auditor)
    for number in range(12):
        count(register(f"Client {number}"), issued=1, refused=1)

    with CaptureQueriesContext(connection) as second:
        look(auditor)

    assert len(second) <= len(first) + 2


def test_tells_the_share_and_the_refusals_of_top_clients(auditor: Console) -> None:
    count(register("Often"), issued=30, refused=10)
    count(register("Seldom"), issued=10)

    text = look(auditor)

    assert "<td>30</td><td>75\xa0%</td><td>10 (25\xa0%)</td>" in text
    assert "<td>10</td><td>25\xa0%</td><td>0 (0\xa0%)</td>" in text


def test_links_each_reason_to_its_refusals(auditor: Console, machine: Machine) -> None:
    count(machine, refused=5)
    add_refusal("wrong_secret", client_id=machine.client_id, detail="This one.")
    add_refusal("client_disabled", client_id=machine.client_id, detail="Another one.")

    (link,) = re.findall(r'href="([^"]*)">wrong_secret', look(auditor))
    events = read(cast("HttpResponse", auditor.browser.get(link, secure=True)))

    assert "This one." in events
    assert "Another one." not in events


def test_offers_to_rotate_what_expires_to_those_who_may(db: None) -> None:
    machine = register("Soon", secret_expires_at=timezone.now() + timedelta(days=3))
    rights = ("view_dashboard", "access_all_clients", "view_machineclient")
    reader = Console(create_user("reader", *rights))
    issuer = Console(create_user("issuer", *rights, "issue_credential"))
    page = page_url("rotate_secret", machine.row.pk, machine.row.secrets.get().pk)

    assert page in look(issuer)
    assert page not in look(reader)


def test_counts_a_key_of_the_settings_as_a_signing_key(
    auditor: Console, settings: Settings
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "SIGNING_KEYS": [new_key().to_pem().decode()]}

    assert "cc_signing_key ensure. ✓" in look(auditor)


@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_shows_no_row_of_figures_by_itself(auditor: Console, machine: Machine, page: str) -> None:
    count(machine, issued=7)
    row = UsageHour.objects.get()

    answer = auditor.browser.get(
        f"/admin/django_cc/dashboard/{row.pk}/{page}/", secure=True, follow=True
    )

    assert answer.status_code == 404
    assert machine.client_id not in answer.content.decode()


def refuse(*credentials: tuple[str, str]) -> None:
    """Send token requests with these pairs of client ID and secret, and have them written down."""
    for client_id, secret in credentials:
        pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        TokenEndpoint().post(authorization=f"Basic {pair}")
    write_down()


def follow_reasons(console: Console, **query: str) -> dict[str, tuple[int, int]]:
    """Return for each reason the count of the dashboard, and how many events its link shows."""
    rows = re.findall(r'href="([^"]*reason=[^"]*)">(\w+)</a></th><td>(\d+)', look(console, **query))
    found = {}
    for link, reason, times in rows:
        events: Any = console.browser.get(link, secure=True)
        found[reason] = (int(times), events.context["cl"].result_count)
    return found


@pytest.mark.usefixtures("signing_key")
def test_counts_as_many_refusals_as_its_links_show(
    auditor: Console, developer: Console, machine: Machine
) -> None:
    recording._forget()
    mine = register("Mine", owner=developer.user)
    add_refusal("revoked_secret", client_id=mine.client_id, age=timedelta(days=2))
    revoke_secret(machine.row.secrets.get(), ACTOR)
    refuse(
        ("", ""),
        ("nobody", "wrong"),
        ("", mine.client_secret),
        (mine.client_secret, mine.client_id),
        (mine.client_id, mine.client_id),
        (mine.client_id, machine.client_secret),
        (machine.client_id, machine.client_secret),
        (machine.client_id, machine.client_secret + " "),
        (machine.client_id, "wrong"),
    )
    developer.user.user_permissions.add(Permission.objects.get(codename="view_auditevent"))

    everybodys = {
        "no_credentials": (2, 2),
        "unknown_client": (1, 1),
        "not_a_secret": (2, 2),
        "secret_of_another_client": (1, 1),
        "revoked_secret": (2, 2),
        "wrong_secret": (1, 1),
    }
    assert follow_reasons(auditor) == everybodys
    assert follow_reasons(developer) == {
        "no_credentials": (1, 1),
        "not_a_secret": (2, 2),
        "wrong_secret": (1, 1),
    }


def test_says_why_a_count_may_be_higher_than_the_number_of_events(
    auditor: Console, machine: Machine
) -> None:
    count(machine, refused=5)

    assert "Of many refusals in a minute, some are only counted" in look(auditor)


def test_leads_to_identify_for_who_may_see_clients(auditor: Console) -> None:
    blind = Console(create_user("eve", "view_dashboard"))

    text = look(auditor)

    assert "A program shows an error with a reference?" in text
    assert f'href="{page_url("identify")}">Identify it</a>' in text
    assert page_url("identify") not in look(blind)


def test_leads_to_registration_for_who_may(auditor: Console, machine: Machine) -> None:
    registrar = Console(create_user("reg", "view_dashboard", "add_machineclient"))
    register("Mine", owner=registrar.user)
    link = f'class="button default" href="{page_url("add")}">Register a machine client</a>'

    assert link in look(registrar)
    assert page_url("add") not in look(auditor)
