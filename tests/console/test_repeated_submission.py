"""One submission registers one client, however often it arrives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone

from django_cc.authorization_server.clients.state import disable_client
from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent, MachineClient
from tests.console.console import (
    REGISTRAR,
    Console,
    create_user,
    find_secrets,
    page_url,
    read,
    registered_machine,
)
from tests.machines import ACTOR, Machine, TokenEndpoint

REPLACE = "Replace the secret and show the new one"


@pytest.fixture
def key() -> UUID:
    """The key of one form that was opened."""
    return uuid4()


@pytest.fixture
def registered(console: Console, key: UUID) -> Machine:
    """What ana has just registered."""
    return registered_machine(console.register(key=key))


@pytest.fixture
def too_late() -> Iterator[None]:
    """A quarter of an hour and a second later."""
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        yield


def test_a_repetition_registers_nothing(console: Console, key: UUID, registered: Machine) -> None:
    console.register(key=key)

    assert MachineClient.objects.count() == 1


def test_a_repetition_shows_no_secret(console: Console, key: UUID, registered: Machine) -> None:
    answer = console.register(key=key)

    assert answer.status_code == 200
    assert not find_secrets(answer)
    assert "Its secret was shown once and cannot be shown again." in read(answer)


def test_a_repetition_says_on_which_day_it_was(console: Console, key: UUID) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 19, 40, tzinfo=UTC)):
        console.register(key=key)
        answer = console.register(key=key)

    assert "“Billing sync” was registered on 25 Nov 2026, 19:40 UTC." in read(answer)


def test_a_repetition_is_told_apart_from_a_name_twin_when_a_command_registered_a_client(
    console: Console, key: UUID, registered: Machine, machine: Machine
) -> None:
    answer = console.register(key=key)

    assert "is registered already" in read(answer)


def test_a_repetition_under_another_name_is_still_one(
    console: Console, key: UUID, registered: Machine
) -> None:
    answer = console.register("Invoice sync", key=key)

    assert "“Billing sync” is registered already" in read(answer)
    assert MachineClient.objects.count() == 1


def test_a_repetition_leaves_the_secret_as_it_is(
    console: Console, key: UUID, registered: Machine, token_endpoint: TokenEndpoint
) -> None:
    console.register(key=key)

    assert token_endpoint.access_token(registered)


def test_a_repetition_by_the_registrant_offers_to_replace_the_secret(
    console: Console, key: UUID, registered: Machine
) -> None:
    answer = console.register(key=key)

    assert REPLACE in read(answer)


def test_a_repetition_by_somebody_else_offers_nothing(key: UUID, registered: Machine) -> None:
    ben = Console(create_user("ben", *REGISTRAR, "view_machineclient"))

    answer = ben.register(key=key)

    assert "This form is not valid any more: open it anew." in read(answer)
    assert REPLACE not in read(answer)


def test_a_repetition_after_a_quarter_of_an_hour_offers_nothing(
    console: Console, key: UUID, registered: Machine, too_late: None
) -> None:
    answer = console.register(key=key)

    assert REPLACE not in read(answer)


def test_a_repetition_offers_the_credentials_where_it_does_not_replace(
    console: Console, key: UUID, registered: Machine, too_late: None
) -> None:
    answer = console.register(key=key)

    assert f'href="{page_url("credentials", registered.row.pk)}"' in read(answer)


def test_a_repetition_offers_no_replacement_of_a_secret_that_is_used(
    console: Console, key: UUID, registered: Machine, token_endpoint: TokenEndpoint
) -> None:
    token_endpoint.access_token(registered)
    write_down()

    answer = console.register(key=key)

    assert REPLACE not in read(answer)


def test_a_secret_that_is_used_is_not_replaced(
    console: Console, registered: Machine, token_endpoint: TokenEndpoint
) -> None:
    token_endpoint.access_token(registered)
    write_down()

    console.submit("replace_secret", registered.row.pk)

    assert token_endpoint.access_token(registered)


def test_a_repetition_for_a_disabled_client_offers_nothing(
    console: Console, key: UUID, registered: Machine
) -> None:
    disable_client(registered.row, ACTOR)

    answer = console.register(key=key)

    assert REPLACE not in read(answer)


def test_a_replaced_secret_gets_a_token(
    console: Console, registered: Machine, token_endpoint: TokenEndpoint
) -> None:
    answer = console.submit("replace_secret", registered.row.pk)

    assert token_endpoint.access_token(registered_machine(answer))


def test_the_secret_before_the_replacement_gets_none(
    console: Console, registered: Machine, token_endpoint: TokenEndpoint
) -> None:
    console.submit("replace_secret", registered.row.pk)

    refused = token_endpoint.post(authorization=registered.basic())

    assert refused.status_code == 401


def test_a_replaced_secret_expires_when_the_lost_one_would_have(
    console: Console, registered: Machine
) -> None:
    console.submit("replace_secret", registered.row.pk)

    lost, new = registered.row.secrets.order_by("created_at")
    assert new.expires_at == lost.expires_at


def test_a_replacement_is_in_the_audit_trail(console: Console, registered: Machine) -> None:
    console.submit("replace_secret", registered.row.pk)

    event = AuditEvent.objects.get(event=AuditEvent.Event.SECRET_REPLACED)
    assert (event.actor, event.address) == ("ana", "127.0.0.1")
    assert event.client_id == registered.client_id


@pytest.mark.parametrize(
    ("header", "directive"), [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
)
def test_no_cache_keeps_the_page_of_a_replacement(
    console: Console, registered: Machine, header: str, directive: str
) -> None:
    answer = console.submit("replace_secret", registered.row.pk)

    assert directive in answer[header]


def test_nothing_is_replaced_by_a_get(console: Console, registered: Machine) -> None:
    answer = console.visit("replace_secret", registered.row.pk)

    assert answer.status_code == 405
    assert registered.row.secrets.get().revoked_at is None


def test_nothing_is_replaced_for_somebody_else(registered: Machine) -> None:
    ben = Console(create_user("ben", *REGISTRAR, "view_machineclient"))

    answer = ben.submit("replace_secret", registered.row.pk)

    assert answer.status_code == 302
    assert registered.row.secrets.get().revoked_at is None


def test_nothing_is_replaced_after_a_quarter_of_an_hour(
    console: Console, registered: Machine, too_late: None
) -> None:
    answer = console.submit("replace_secret", registered.row.pk)

    assert not find_secrets(answer)
    assert registered.row.secrets.get().revoked_at is None


def test_nothing_is_replaced_without_the_right_to_register(
    console: Console, registered: Machine
) -> None:
    console.user.user_permissions.clear()

    answer = console.submit("replace_secret", registered.row.pk)

    assert answer.status_code == 403
    assert registered.row.secrets.get().revoked_at is None
