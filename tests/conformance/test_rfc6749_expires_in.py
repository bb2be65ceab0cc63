"""RFC 6749 §5.1: `expires_in` is the real lifetime of the token."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from tests.machines import Machine, TokenEndpoint, register
from tests.projects.combined import BILLING_API, ORDERS_API

pytestmark = pytest.mark.django_db


def set_lifetime(settings: Any, identifier: str, lifetime: object) -> None:
    apis = settings.DJANGO_CC["APIS"]
    changed = {**apis, identifier: {**apis[identifier], "token_lifetime": lifetime}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": changed}
    call_command("migrate", verbosity=0)


def lifetime_in(document: dict[str, Any]) -> int:
    claims = jwt.decode(document["access_token"], options={"verify_signature": False})
    lifetime: int = claims["exp"] - claims["iat"]
    return lifetime


@pytest.mark.rfc("6749", "5.1", "expires_in: the lifetime in seconds")
def test_is_the_lifetime_of_the_api_the_token_is_for(
    token_endpoint: TokenEndpoint, settings: Any
) -> None:
    machine = register(scopes=["orders:read", "billing:read"])
    set_lifetime(settings, BILLING_API, timedelta(minutes=5))

    answers = [token_endpoint.issue(machine, resource=api) for api in (ORDERS_API, BILLING_API)]

    assert [answer["expires_in"] for answer in answers] == [600, 300]
    assert [lifetime_in(answer) for answer in answers] == [600, 300]


@pytest.mark.rfc("6749", "5.1", "expires_in: the lifetime in seconds")
def test_is_the_lifetime_of_the_client_where_it_has_one(
    token_endpoint: TokenEndpoint, settings: Any
) -> None:
    machine = register(token_lifetime=timedelta(hours=2))
    set_lifetime(settings, ORDERS_API, 300)

    answer = token_endpoint.issue(machine)

    assert (answer["expires_in"], lifetime_in(answer)) == (7200, 7200)


@pytest.mark.rfc("6749", "5.1", "expires_in: the lifetime in seconds")
def test_ends_with_the_client(token_endpoint: TokenEndpoint) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        machine = register(expires_at=timezone.now() + timedelta(seconds=90))
        answer = token_endpoint.issue(machine)

    assert (answer["expires_in"], lifetime_in(answer)) == (90, 90)


def test_goes_back_when_the_setting_is_taken_away(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    set_lifetime(settings, ORDERS_API, 300)
    set_lifetime(settings, ORDERS_API, None)

    assert token_endpoint.issue(machine)["expires_in"] == 600
