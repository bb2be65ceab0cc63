"""How long tokens live by what tables and settings say."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.schedule import get_last_expiry
from django_cc.authorization_server.token_lifetimes import (
    find_longest_token_lifetime,
    find_token_lifetime_of,
)
from django_cc.models import API, MachineClient, SigningKey
from tests.machines import Machine, TokenEndpoint, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def configure(settings: Any, **entry: object) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {ORDERS_API: entry}}


@pytest.mark.parametrize("value", [300, timedelta(minutes=5)], ids=str)
def test_reads_the_lifetime_of_a_configured_api(settings: Any, value: object) -> None:
    configure(settings, token_lifetime=value)

    assert get_settings().configured_apis[0].token_lifetime == 5 * MINUTE


@pytest.mark.parametrize("value", [59, 86_401, "5m", 1.5, True, timedelta(seconds=90.5)], ids=str)
def test_refuses_another_by_the_name_of_its_api(settings: Any, value: object) -> None:
    configure(settings, token_lifetime=value)

    with pytest.raises(ImproperlyConfigured, match=rf'\["{ORDERS_API}"\]\["token_lifetime"\] must'):
        get_settings()


@pytest.mark.parametrize("table", [API, MachineClient])
def test_a_key_verifies_for_as_long_as_the_longest_token_lives(
    machine: Machine, signing_key: None, table: Any
) -> None:
    table.objects.update(token_lifetime=7200)

    with time_machine.travel(timezone.now(), tick=False):
        now = timezone.now()
        end = get_last_expiry(SigningKey.objects.get(state="current"), now=now)

    assert end - now == timedelta(hours=2, seconds=5 + 60)


def test_the_default_counts_where_everything_else_is_shorter(machine: Machine) -> None:
    API.objects.update(token_lifetime=60)
    MachineClient.objects.update(token_lifetime=120)

    assert find_longest_token_lifetime() == 10 * MINUTE


def test_a_client_waits_for_its_own_tokens_alone() -> None:
    machine = register(scopes=["orders:read"])
    register("Another", token_lifetime=timedelta(hours=5))
    API.objects.filter(identifier=BILLING_API).update(token_lifetime=7200)
    API.objects.filter(identifier=ORDERS_API).update(token_lifetime=300)
    by_api = find_token_lifetime_of(machine.row)

    machine.row.token_lifetime = 60

    assert (by_api, find_token_lifetime_of(machine.row)) == (5 * MINUTE, MINUTE)


def test_a_client_without_access_has_the_default() -> None:
    assert find_token_lifetime_of(register(scopes=[]).row) == 10 * MINUTE


@pytest.mark.parametrize(("seconds", "lifetime"), [(0, 60), (2_000_000_000, 86_400)])
def test_a_row_altered_by_hand_stays_within_the_bounds(
    token_endpoint: TokenEndpoint, machine: Machine, seconds: int, lifetime: int
) -> None:
    MachineClient.objects.update(token_lifetime=seconds)
    of_client = token_endpoint.issue(machine)["expires_in"]
    MachineClient.objects.update(token_lifetime=None)
    API.objects.update(token_lifetime=seconds)
    of_api = token_endpoint.issue(machine)["expires_in"]

    assert [of_client, of_api] == [lifetime, lifetime]
