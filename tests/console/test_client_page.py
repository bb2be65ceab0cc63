"""The overview of one machine client: facts, status with its reason, figures."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone

from django_cc.models import MachineClient
from tests.audit_events import add_refusal
from tests.console.console import Console, create_user, page_url, read
from tests.console.usage import count
from tests.machines import Machine, TokenEndpoint, register


def look(console: Console, machine: Machine, **query: str) -> str:
    """Return the overview as text."""
    answer = console.visit("change", machine.row.pk, query=query)
    assert answer.status_code == 200
    return read(answer).replace("\xa0", " ")


def test_shows_the_facts(console: Console) -> None:
    machine = register(
        scopes=["orders:read", "billing:read"], owner=console.user, description="Ask ana."
    )

    text = look(console, machine)

    shown = ("Billing sync", machine.client_id, "Active", "Ask ana.", "Billing, Orders", "ana")
    assert [part for part in shown if part not in text] == []
    assert "Client secret</dd>" in text


@pytest.mark.parametrize("page", ["change", "activity", "delete", "revoke_tokens"])
def test_shows_no_more_of_a_secret_than_its_visible_ends(
    admin_console: Console, machine: Machine, page: str
) -> None:
    machine.row.secrets.update(last_used_at=timezone.now())
    text = read(admin_console.visit(page, machine.row.pk))

    assert machine.client_secret[:10] not in text
    assert machine.client_secret[-5:] not in text


def test_says_when_and_from_where_it_was_used_last_and_with_what(console: Console) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        machine = register()
        machine.row.secrets.update(
            last_used_at=timezone.now() - timedelta(minutes=4), last_used_address="10.2.0.7"
        )
        text = look(console, machine)

    ends = f"{machine.client_secret[:9]}…{machine.client_secret[-4:]}"
    assert f"22 Nov 2026, 11:56 UTC (4 minutes ago), from 10.2.0.7, with {ends}" in text


def test_says_when_the_client_itself_expires(console: Console) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z") as clock:
        machine = register(expires_at=timezone.now() + timedelta(days=3))
        before = look(console, machine)
        clock.shift(timedelta(days=3))
        after = look(console, machine)

    assert "the client itself on 25 Nov 2026, 12:00 UTC" in before
    assert "cc-badge--active" in before
    assert "cc-badge--expired" in after
    assert "The client came to its end on 25 Nov 2026, 12:00 UTC." in after


@pytest.mark.parametrize(
    ("expires_in", "words"),
    [(None, "Nothing of it expires"), (timedelta(days=3), " on 25 Nov 2026, 12:00 UTC (in ")],
)
def test_says_what_expires_next(console: Console, expires_in: timedelta | None, words: str) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z"):
        expires_at = None if expires_in is None else timezone.now() + expires_in
        text = look(console, register(secret_expires_at=expires_at))

    assert words in text


@pytest.mark.parametrize(("column", "word"), [("expires_at", "expired"), ("revoked_at", "revoked")])
def test_says_why_no_credential_is_usable(
    console: Console, machine: Machine, column: str, word: str
) -> None:
    machine.row.secrets.update(**{column: timezone.now()})

    text = look(console, machine)

    assert "No usable credential</span>" in text
    assert re.search(rf"The only secret (was )?{word} on \d+ \w+ \d+, \d\d:\d\d UTC\.", text)


def test_says_so_of_several(console: Console, machine: Machine) -> None:
    secret = machine.row.secrets.get()
    secret.pk, secret.digest = None, "sha256$another"
    secret.save()
    machine.row.secrets.update(revoked_at=timezone.now())

    text = look(console, machine)

    assert "Each of its credentials expired or was revoked, the last on" in text


def test_says_how_long_it_has_been_idle_or_never_used(console: Console) -> None:
    now = timezone.now()
    idle, unused = register("Idle"), register("Unused")
    idle.row.secrets.update(last_used_at=now - timedelta(days=100))
    MachineClient.objects.update(registered_at=now - timedelta(days=3, minutes=1))

    assert "Not used for 3 months." in look(console, idle)
    unused_text = look(console, unused)
    assert "Registered 3 days ago, and no credential of it was used since." in unused_text


def test_says_why_a_client_is_disabled(console: Console, machine: Machine) -> None:
    console.submit("disable", machine.row.pk, reason="Leaked in a log")

    text = look(console, machine)

    assert re.search(r"Disabled by ana on .* UTC: Leaked in a log", text)


def test_a_client_without_access_or_secret_still_has_a_page(
    console: Console, machine: Machine
) -> None:
    machine.row.access.all().delete()
    machine.row.secrets.all().delete()

    text = look(console, machine)

    assert "Awaiting credentials" in text
    assert "It has neither a secret nor a key yet." in text
    assert "None: no API lets it in" in text


def test_counts_a_day_and_a_month(console: Console, machine: Machine) -> None:
    count(machine, issued=7, refused=2)
    count(machine, issued=30, hours_ago=48)

    text = look(console, machine)

    assert "7 issued, 2 refused</dd>" in text
    assert "37 issued, 2 refused</dd>" in text


def test_draws_the_chosen_time_and_no_other_client(console: Console, machine: Machine) -> None:
    count(machine, issued=7)
    count(machine, issued=30, hours_ago=48)
    count(register("Other"), issued=1000)

    day, week = look(console, machine), look(console, machine, range="7d")

    assert "7 issued, 0 refused.</desc>" in day
    assert "37 issued, 0 refused.</desc>" in week
    assert 'href="?range=7d" aria-current="page"' in week


def test_lists_what_is_missing_for_the_first_token(console: Console, machine: Machine) -> None:
    event = add_refusal(client_id=machine.client_id, age=timedelta(minutes=2))

    text = look(console, machine)

    assert "Credential created ✓" in text
    assert re.search(
        r"First token: not yet\.\s+Last attempt: refused 2 minutes ago, wrong secret", text
    )
    why = f"{page_url('activity', machine.row.pk)}?kind=refused#event-{event.pk}"
    assert f'href="{why}"' in text
    assert "cc-chart" not in text


def test_draws_a_chart_from_the_first_token_on(
    console: Console, machine: Machine, token_endpoint: TokenEndpoint
) -> None:
    token_endpoint.issue(machine)
    machine.row.secrets.update(last_used_at=timezone.now())

    text = look(console, machine)

    assert "cc-chart" in text
    assert "First token: not yet." not in text


def test_says_who_registered_it(console: Console) -> None:
    console.register()
    client = MachineClient.objects.get()

    text = read(console.visit("change", client.pk))
    get_user_model().objects.filter(username="ana").update(username="anna")
    MachineClient.objects.update(managed_by="adopted")
    adopted = read(console.visit("change", client.pk))

    assert re.search(r"UTC by ana</dd>", text)
    assert "adopted from the toolkit</dd>" in adopted


def test_offers_each_act_to_who_may_do_it(machine: Machine) -> None:
    acts = {
        "disable": "disable_client",
        "revoke_tokens": "revoke_tokens",
        "delete": "delete_machineclient",
    }
    MachineClient.objects.update(disabled_at=timezone.now())
    acts_when_disabled = {"enable" if page == "disable" else page: acts[page] for page in acts}
    for page, right in acts_when_disabled.items():
        user = create_user(page, "view_machineclient", "access_all_clients", right)
        text = look(Console(user), machine)

        offered = [one for one in acts_when_disabled if page_url(one, machine.row.pk) in text]
        assert offered == [page]


def test_offers_no_deletion_of_an_enabled_client(admin_console: Console, machine: Machine) -> None:
    assert page_url("delete", machine.row.pk) not in look(admin_console, machine)


def test_has_nothing_to_edit_for_who_may_only_look(console: Console, machine: Machine) -> None:
    text = look(console, machine)

    content = text[text.index('id="content-main"') :]
    fields = re.findall(r"<(?:input|select|textarea)[^>]*>", content)
    assert [field for field in fields if "csrfmiddlewaretoken" not in field] == []


def test_puts_no_second_heading_of_the_page_into_the_form(
    admin_console: Console, machine: Machine
) -> None:
    text = look(admin_console, machine)

    assert text[text.index('id="content-main"') :].count("<h1") == 0


def test_escapes_what_others_typed(console: Console) -> None:
    machine = register("<script>alert(1)</script>", description="<img src=x>")

    answer = console.visit("change", machine.row.pk)

    assert b"<script>alert(1)" not in answer.content
    assert b"<img src=x>" not in answer.content


def test_the_way_to_a_tab_ends_with_its_name(admin_console: Console, machine: Machine) -> None:
    text = read(admin_console.visit("credentials", machine.row.pk))

    way = text[text.index('<div class="breadcrumbs">') :].partition("</div>")[0]
    assert way.rstrip().endswith("› Credentials")
