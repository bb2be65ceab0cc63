"""The page of one machine client: facts, and nothing to edit in place."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from django_cc.models import MachineClient
from tests.console.console import Console, read
from tests.machines import Machine, register


def test_shows_the_facts(console: Console) -> None:
    machine = register(owner=console.user, description="Ask ana.")

    text = read(console.visit("change", machine.row.pk))

    for shown in ("Billing sync", machine.client_id, "Active", "Ask ana.", "ana"):
        assert shown in text
    assert 'Orders: <code dir="ltr">orders:read</code>' in text


def test_shows_of_a_secret_its_visible_ends_alone(console: Console, machine: Machine) -> None:
    text = read(console.visit("change", machine.row.pk))

    secret = machine.client_secret
    assert f"{secret[:9]}…{secret[-4:]}" in text
    assert secret[:10] not in text
    assert secret[-5:] not in text


def test_says_when_the_client_itself_expires(console: Console) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z") as clock:
        machine = register(expires_at=timezone.now() + timedelta(days=3))
        before = read(console.visit("change", machine.row.pk))
        clock.shift(timedelta(days=3))
        after = read(console.visit("change", machine.row.pk))

    assert "25 Nov 2026, 12:00 UTC" in before
    assert "cc-badge--active" in before
    assert "cc-badge--expired" in after


def test_says_that_a_client_never_expires(console: Console, machine: Machine) -> None:
    text = read(console.visit("change", machine.row.pk))

    assert re.search(r"Expires:.*?never", text, re.DOTALL)


@pytest.mark.parametrize(
    ("expires_in", "words"), [(None, "never expires"), (timedelta(days=3), "expires 25 Nov 2026")]
)
def test_says_when_a_secret_expires(
    console: Console, expires_in: timedelta | None, words: str
) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z"):
        expires_at = None if expires_in is None else timezone.now() + expires_in
        machine = register(secret_expires_at=expires_at)

        text = read(console.visit("change", machine.row.pk))

    assert words in text


@pytest.mark.parametrize(("column", "word"), [("expires_at", "expired"), ("revoked_at", "revoked")])
def test_says_when_a_secret_ended(
    console: Console, machine: Machine, column: str, word: str
) -> None:
    machine.row.secrets.update(**{column: timezone.now()})

    text = read(console.visit("change", machine.row.pk))

    assert re.search(rf"{word} \d+ \w+ \d+, \d\d:\d\d \w+", text)


def test_has_nothing_to_edit_and_nothing_to_save(admin_console: Console, machine: Machine) -> None:
    text = read(admin_console.visit("change", machine.row.pk))

    content = text[text.index('id="content-main"') :]
    fields = re.findall(r"<(?:input|select|textarea)[^>]*>", content)
    assert [field for field in fields if "csrfmiddlewaretoken" not in field] == []


def test_a_forged_post_changes_nothing(admin_console: Console, machine: Machine) -> None:
    answer = admin_console.submit("change", machine.row.pk, name="Stolen", generation="9")

    assert answer.status_code == 403
    assert MachineClient.objects.get().name == "Billing sync"


def test_says_why_a_client_is_disabled(console: Console, machine: Machine) -> None:
    console.submit("disable", machine.row.pk, reason="Leaked in a log")

    text = read(console.visit("change", machine.row.pk))

    assert "Leaked in a log" in text
    assert "Disabled" in text


def test_a_client_without_access_or_secret_still_has_a_page(
    console: Console, machine: Machine
) -> None:
    machine.row.access.all().delete()
    machine.row.secrets.all().delete()

    answer = console.visit("change", machine.row.pk)

    assert answer.status_code == 200
    assert "Awaiting credentials" in read(answer)


def test_escapes_what_others_typed(console: Console) -> None:
    machine = register("<script>alert(1)</script>", description="<img src=x>")

    answer = console.visit("change", machine.row.pk)

    assert b"<script>alert(1)" not in answer.content
    assert b"<img src=x>" not in answer.content
