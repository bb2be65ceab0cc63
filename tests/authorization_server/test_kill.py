"""A disabled client stays dead: no new token, and its old ones die with their generation."""

from typing import Any

import pytest

from django_cc.authorization_server.clients.state import (
    disable_client,
    enable_client,
    revoke_tokens,
)
from django_cc.models import APIAccess, AuditEvent, MachineClient
from tests.machines import ACTOR, Machine, TokenEndpoint, call


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


def test_refuses_new_tokens(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    disable_client(machine.row, ACTOR)

    assert token_endpoint.post(authorization=machine.basic()).status_code == 401


def test_kills_the_tokens_it_has(token: str, machine: Machine) -> None:
    disable_client(machine.row, ACTOR)

    assert call(token=token).status_code == 401


def test_revives_no_token_when_it_is_enabled(token: str, machine: Machine) -> None:
    disable_client(machine.row, ACTOR)
    enable_client(machine.row, ACTOR)

    assert call(token=token).status_code == 401


def test_issues_living_tokens_after_it_is_enabled(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    disable_client(machine.row, ACTOR)
    enable_client(machine.row, ACTOR)

    fresh = token_endpoint.access_token(machine)

    assert call(token=fresh).status_code == 200


def test_says_that_nothing_changed_the_second_time(machine: Machine) -> None:
    results = [disable_client(machine.row, ACTOR, reason="leak") for _ in range(2)]

    assert results == [True, False]
    assert MachineClient.objects.get(pk=machine.row.pk).generation == 2
    assert AuditEvent.objects.filter(event="client_disabled").count() == 1


def test_says_that_an_enabled_client_was_enabled(machine: Machine) -> None:
    assert enable_client(machine.row, ACTOR) is False


def test_keeps_the_reason_in_the_audit_trail(machine: Machine) -> None:
    disable_client(machine.row, ACTOR, reason="key found in a repository")

    event = AuditEvent.objects.get(event="client_disabled")
    assert (event.reason, event.client_id) == ("key found in a repository", machine.client_id)


def test_refuses_a_token_whose_scope_was_taken_away(token: str, machine: Machine) -> None:
    APIAccess.objects.filter(client=machine.row, scope__name="orders:write").delete()

    assert call(token=token).status_code == 401


def test_refuses_a_token_of_a_client_that_is_gone(token: str, machine: Machine) -> None:
    MachineClient.objects.all().delete()

    assert call(token=token).status_code == 401


def test_refuses_a_token_of_another_generation(token: str, machine: Machine) -> None:
    MachineClient.objects.update(generation=7)

    assert call(token=token).status_code == 401


def test_refuses_a_token_of_an_issuer_that_moved(token: str, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUER": "https://other.example.com"}

    assert call(token=token).status_code == 401


def test_refuses_a_token_of_a_generation_that_is_no_more(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    # As after a backup was restored.
    revoke_tokens(machine.row, ACTOR)
    token = token_endpoint.access_token(machine)
    MachineClient.objects.update(generation=1)

    assert call(token=token).status_code == 401
