"""A form that cannot be accepted names the field and the fix, and loses nothing typed."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from django_cc.models import MachineClient, Scope
from tests.console.console import REGISTRAR, Console, create_user, fill_in, page_url, read
from tests.machines import Machine


def list_lifetimes(answer: HttpResponse) -> list[str]:
    """Return the lifetimes a form offers."""
    choices = re.search(r'<select name="secret_expires".*?</select>', read(answer), re.DOTALL)
    assert choices is not None
    return re.findall(r'<option value="(\w+)"', choices[0])


def with_secret_max_age(settings: Settings, longest: timedelta | None) -> None:
    settings.DJANGO_CC = django_settings.DJANGO_CC | {"SECRET_MAX_AGE": longest}


@pytest.mark.parametrize("name", ["Billing sync", "BILLING SYNC", "  billing   sync "])
def test_refuses_a_name_the_registrant_uses_already(console: Console, name: str) -> None:
    console.register("Billing sync")

    answer = console.register(name)

    assert "You already have a machine client named “Billing sync” (registered" in read(answer)
    assert MachineClient.objects.count() == 1


def test_refuses_a_name_twin_when_a_command_registered_another_client(
    console: Console, machine: Machine
) -> None:
    console.register("Invoice sync")

    answer = console.register("Invoice sync")

    assert "You already have a machine client named “Invoice sync”" in read(answer)


def test_links_to_the_client_of_that_name(console: Console) -> None:
    console.register()

    answer = console.register()

    page = page_url("change", MachineClient.objects.get().pk)
    assert f'<a href="{page}">Open it</a>' in read(answer)


def test_shows_no_link_to_one_who_may_not_open_it(db: None) -> None:
    console = Console(create_user("ben", *REGISTRAR))
    console.register()

    answer = console.register()

    assert page_url("change", MachineClient.objects.get().pk) not in read(answer)


def test_somebody_else_may_use_the_name(console: Console) -> None:
    console.register()
    ben = Console(create_user("ben", *REGISTRAR))

    ben.register()

    assert MachineClient.objects.filter(name="Billing sync").count() == 2


def test_keeps_what_was_typed(console: Console) -> None:
    console.register()
    write = Scope.objects.get(name="orders:write")

    answer = console.register(description="Ask ben.", scopes=["orders:write"], secret_expires="30")

    text = " ".join(read(answer).split())
    assert 'value="Billing sync"' in text
    assert "Ask ben." in text
    assert '<option value="30" selected>' in text
    assert re.search(rf'<input[^>]*value="{write.pk}"[^>]* checked', text)


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 81, "at most 80 characters"),
        ("name", "Billing\u200bsync", "Use at most 80 printable characters."),
        ("scopes", [], "Choose an API scope, or register without access and add it later."),
        ("scopes", ["999999"], "is not one of the available choices."),
        ("scopes", ["1; DROP TABLE"], "is not a valid value."),
        ("secret_expires", "", "This field is required."),
        ("secret_expires", "36500", "is not one of the available choices."),
        ("secret_expires", "never", "is not one of the available choices."),
    ],
)
def test_names_the_fix(console: Console, field: str, value: Any, fix: str) -> None:
    answer = console.submit("add", **fill_in() | {field: value})

    assert answer.status_code == 200
    assert fix in read(answer)
    assert not MachineClient.objects.exists()


@pytest.mark.parametrize(
    ("longest", "offered"),
    [
        (timedelta(days=365), ["30", "90", "180", "365"]),
        (timedelta(days=30), ["30"]),
        (timedelta(days=100), ["30", "90", "100"]),
        (None, ["30", "90", "180", "365", "never"]),
    ],
)
def test_offers_the_lifetimes_that_the_settings_allow(
    console: Console, settings: Settings, longest: timedelta | None, offered: list[str]
) -> None:
    with_secret_max_age(settings, longest)

    answer = console.visit("add")

    assert list_lifetimes(answer) == offered


def test_refuses_a_lifetime_that_is_no_longer_offered(console: Console, settings: Settings) -> None:
    with_secret_max_age(settings, timedelta(days=30))

    answer = console.register(secret_expires="90")

    assert "is not one of the available choices." in read(answer)
    assert not MachineClient.objects.exists()


def test_a_secret_never_expires_where_that_is_allowed_and_chosen(
    console: Console, settings: Settings
) -> None:
    with_secret_max_age(settings, None)

    console.register(secret_expires="never")

    assert MachineClient.objects.get().secrets.get().expires_at is None


def test_never_is_not_what_is_chosen_by_default(console: Console, settings: Settings) -> None:
    with_secret_max_age(settings, None)

    answer = console.visit("add")

    assert '<option value="365" selected>' in read(answer)


def test_says_how_to_add_scopes_where_there_are_none(console: Console) -> None:
    Scope.objects.all().delete()

    answer = console.visit("add")

    assert "First add the API it will call." in read(answer)
    assert 'name your APIs and their scopes in <code>DJANGO_CC["APIS"]</code>' in read(answer)


@pytest.mark.parametrize("rights", [(), ("add_api",)], ids=["may not", "may"])
def test_leads_to_the_page_that_adds_an_api_who_may_add_one(
    db: None, rights: tuple[str, ...]
) -> None:
    Scope.objects.all().delete()
    ben = Console(create_user("ben", *REGISTRAR, *rights))

    text = read(ben.visit("add"))

    assert (reverse("admin:django_cc_api_add") in text) is bool(rights)


def test_says_which_authentication_to_take(console: Console) -> None:
    text = read(console.visit("add"))

    assert "Client secret: simplest; a shared secret sent with each request. Take this" in text
    assert "Recommended where the program can keep a key." in text


def test_leaves_no_doubt_where_signing_is_the_default(console: Console, settings: Settings) -> None:
    own = {"DEFAULT_AUTH_METHOD": "private_key_jwt"}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own

    text = read(console.visit("add"))

    assert "we never see a secret. Recommended." in text
    assert "Take this" not in text


def test_says_what_a_scope_is(console: Console) -> None:
    text = read(console.visit("add"))

    assert text.count("Scope: one thing the program may do at an API.") == 1


def test_says_how_long_ago_the_name_was_taken(console: Console) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=4)):
        console.register()

    text = read(console.register()).replace("\xa0", " ")

    assert "“Billing sync” (registered 4 minutes ago)" in text


@pytest.mark.parametrize("key", ["", "not-a-uuid"])
def test_a_form_without_its_key_registers_nothing(console: Console, key: str) -> None:
    answer = console.submit("add", **fill_in() | {"registration_key": key})

    assert answer.status_code == 200
    assert not MachineClient.objects.exists()
