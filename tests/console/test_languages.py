"""The console in other languages, zones and places."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.admin import AdminSite
from django.test import RequestFactory
from django.utils import timezone, translation

import django_cc
from django_cc.console.clients.machine_clients import MachineClientAdmin
from django_cc.models import MachineClient
from tests.console.console import Console, find_secrets, read
from tests.machines import Machine

TEMPLATES = Path(django_cc.__file__).parent / "templates"


@pytest.fixture(params=["de", "ar", "ja"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """A language the reader has chosen; Django's own words are translated into it."""
    with translation.override(request.param):
        yield request.param


@pytest.mark.parametrize(
    "page",
    ["changelist", "add", "change", "disable", "enable", "activity", "history"],
)
def test_every_page_renders(console: Console, machine: Machine, language: str, page: str) -> None:
    args = [] if page in {"changelist", "add"} else [machine.row.pk]

    answer = console.visit(page, *args)

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in read(answer)


def test_registers_and_shows_the_secret(console: Console, language: str) -> None:
    assert find_secrets(console.register())


def test_shows_errors(console: Console, language: str) -> None:
    console.register()

    answer = console.register()

    assert answer.status_code == 200
    assert "Billing sync" in read(answer)


def test_writes_code_from_left_to_right_in_a_language_that_does_not(console: Console) -> None:
    with translation.override("ar"):
        text = read(console.register())

    assert '<html lang="ar" dir="rtl"' in text
    assert text.count('dir="ltr"') >= 8


@pytest.mark.parametrize("page", ["change", "changelist"])
def test_names_the_zone_of_every_time(console: Console, page: str) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z"), timezone.override(ZoneInfo("Asia/Tokyo")):
        console.register(secret_expires="30")
        client = MachineClient.objects.get()
        text = read(console.visit(page, *([client.pk] if page == "change" else [])))

    assert "22 Dec 2026, 21:00 JST" in text


def test_says_when_a_client_was_registered_in_a_zone_it_names(console: Console) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z"), timezone.override(ZoneInfo("Asia/Tokyo")):
        console.register()
        text = read(console.visit("change", MachineClient.objects.get().pk))

    assert "22 Nov 2026, 21:00 JST" in text


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_template_holds_an_inline_script_or_style(template: Path) -> None:
    source = template.read_text().lower()

    assert "<script" not in source
    assert "<style" not in source
    assert " style=" not in source
    assert " onclick=" not in source


def test_console_js_stays_small() -> None:
    script = Path(django_cc.__file__).parent / "static/django_cc/console.js"

    assert script.stat().st_size < 6000


def test_searches_owners_by_whatever_names_a_user_of_the_project() -> None:
    page = MachineClientAdmin(MachineClient, AdminSite())

    fields = page.get_search_fields(RequestFactory().get("/"))

    assert "owner__username" in fields
