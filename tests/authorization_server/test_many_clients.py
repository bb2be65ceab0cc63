"""Acts on many clients at once: all or none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from django_cc.authorization_server.clients.many import (
    disable_clients,
    enable_clients,
    revoke_tokens_of,
)
from django_cc.models import AuditEvent, MachineClient
from tests.machines import ACTOR, register

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("act", [disable_clients, enable_clients, revoke_tokens_of])
def test_does_nothing_to_any_where_one_is_gone(act: Callable[..., int]) -> None:
    clients = [register("One").row, register("Two").row]
    if act is enable_clients:
        disable_clients(clients, ACTOR)
    before = state()
    MachineClient.objects.get(pk=clients[1].pk).delete()

    with pytest.raises(ValidationError, match="deleted"):
        act(clients, ACTOR)

    assert state() == before[:1]


def test_counts_and_records_those_that_changed() -> None:
    clients = [register("One").row, register("Two").row]
    disable_clients(clients[:1], ACTOR)

    assert disable_clients(clients, ACTOR, reason="Incident") == 1
    assert AuditEvent.objects.filter(event="client_disabled").count() == 2
    assert enable_clients(clients, ACTOR) == 2


def state() -> list[Any]:
    return list(MachineClient.objects.order_by("name").values("name", "disabled_at", "generation"))
