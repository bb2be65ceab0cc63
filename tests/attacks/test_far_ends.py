"""Threat: an end so far away that no other time zone can tell it, which fails half way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone as django_timezone

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.clients.secrets import create_secret, update_secret
from django_cc.models import ClientKey, ClientSecret, MachineClient
from tests.assertions import new_key
from tests.console.console import fill_in, page_url, read
from tests.console.pasted_keys import to_public_pem
from tests.machines import ACTOR, Machine, register

WEST = timezone(timedelta(hours=-8))
FAR = [datetime(9999, 12, 31, 23, 59, tzinfo=WEST), datetime(2201, 1, 1, tzinfo=UTC)]
TYPED = pytest.mark.parametrize("end", ["9999-12-31T23:59", "2201-01-01T00:00"])
PROBLEM = "The year must be at most 2200."


@pytest.fixture(autouse=True, params=["America/Los_Angeles", "Asia/Tokyo"])
def zone(request: pytest.FixtureRequest, settings: Any) -> None:
    """A site west of UTC, and one east of it."""
    settings.TIME_ZONE = request.param


@pytest.fixture
def root(admin_user: Any) -> Client:
    """The browser of somebody who may do everything; a failure is an answer."""
    browser = Client(raise_request_exception=False)
    browser.force_login(admin_user)
    return browser


def post(browser: Client, page: str, *args: Any, **fields: Any) -> Any:
    return browser.post(page_url(page, *args), fields, secure=True)


def list_ends() -> set[datetime | None]:
    """Return every end there is but that of the secret the client was registered with."""
    rows = (MachineClient, ClientSecret, ClientKey)
    return {end for row in rows for end in row.objects.values_list("expires_at", flat=True)}


@TYPED
def test_no_page_takes_it(root: Client, machine: Machine, end: str) -> None:
    client, secret = machine.row, machine.row.secrets.get()
    before = list_ends()
    pem = to_public_pem(new_key())

    answers = [
        post(root, "limits", client.pk, version=client.version, expires_at=end),
        post(root, "limits", client.pk, version=client.version, expires_at=f"{end}:59"),
        post(root, "add", **fill_in("Far"), expires_at=end),
        post(root, "update_secret", client.pk, secret.pk, note="", expires_at=end),
        post(root, "add_key", client.pk, public_key=pem, rsa_algorithm="RS256", expires_at=end),
        post(root, "rotate_secret", client.pk, secret.pk, overlap="at", ends_at=end),
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert [PROBLEM in read(answer) for answer in answers] == [True] * len(answers)
    assert list_ends() == before


@pytest.mark.parametrize("end", FAR, ids=str)
def test_no_service_takes_it(machine: Machine, end: datetime) -> None:
    secret, jwk = machine.row.secrets.get(), new_key().public_jwk()
    before = list_ends()
    acts: list[Callable[[], object]] = [
        lambda: register("Far", expires_at=end),
        lambda: update_client(machine.row, Changes(expires_at=end), ACTOR),
        lambda: create_secret(machine.row, ACTOR, expires_at=end),
        lambda: update_secret(secret, ACTOR, note="", expires_at=end),
        lambda: add_key(machine.row, jwk, ACTOR, expires_at=end),
    ]

    for act in acts:
        with pytest.raises(ValidationError) as refusal:
            act()
        assert refusal.value.message_dict == {"expires_at": [PROBLEM]}

    assert list_ends() == before


@pytest.mark.parametrize(
    "arguments",
    [
        "cc_client create Far --without-access --expires-in 999999d",
        "cc_client update {client} --expires-in 999999d",
        "cc_client update {client} --expires-at 2201-01-01",
        "cc_client update {client} --expires-at 9999-12-31T23:59-08:00",
        "cc_secret create {client} --expires-in 999999d",
        "cc_secret rotate {client} --expires-in 999999d",
        "cc_secret update {client} --expires-in 999999d",
    ],
)
def test_no_command_takes_it(machine: Machine, arguments: str) -> None:
    before = list_ends()

    with pytest.raises(CommandError, match=f"{PROBLEM}|is no time"):
        call_command(*arguments.format(client=machine.client_id).split())

    assert list_ends() == before


def test_the_last_year_is_taken_and_shown(root: Client, machine: Machine) -> None:
    client = machine.row

    answer = post(
        root, "limits", client.pk, version=client.version, expires_at="2200-12-31T23:59:59"
    )

    client.refresh_from_db()
    assert answer.status_code == 302
    assert client.expires_at is not None
    assert django_timezone.localtime(client.expires_at).year == 2200
    assert "2200" in root.get(page_url("limits", client.pk), secure=True).content.decode()
