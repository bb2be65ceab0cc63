"""How a machine client is doing, told in Python for one and in SQL for all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_cc.authorization_server.clients.expiry_query import (
    annotate_expiry,
    sort_by_last_expiry,
    sort_by_last_use,
)
from django_cc.authorization_server.clients.status import (
    ClientStatus,
    find_last_expiry,
    get_status,
    list_usable_credentials,
    publishes_usable_keys,
)
from django_cc.authorization_server.clients.status_query import (
    annotate_status,
    rank_status,
    select_by_status,
)
from django_cc.models import ClientKey, ClientSecret, MachineClient
from tests.machines import register

FAMILIES = MachineClient.Authentication.values
NOW = timezone.now().replace(microsecond=0)
HOUR = timedelta(hours=1)

moments = st.sampled_from([None, -100, -91, -2, -1, 0, 1, 10, 14, 15, 100]).map(
    lambda days: None if days is None else NOW + timedelta(days=days)
)
past = st.sampled_from([None, -100, -91, -89, -1]).map(
    lambda days: None if days is None else NOW + timedelta(days=days)
)
credentials = st.lists(st.tuples(moments, past, past), max_size=2)


class TheTwoDefinitionsAgree(TestCase):
    """Whatever a client looks like."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        facts=st.fixed_dictionaries(
            {
                "disabled_at": past,
                "expires_at": moments,
                "authentication": st.sampled_from(FAMILIES),
                "registered_at": st.sampled_from([NOW - timedelta(days=2), NOW]),
                "jwks_uri": st.sampled_from(["", "https://client.example.com/jwks"]),
                "published_key_used_at": past,
            }
        ),
        previous_until=moments,
        secrets=credentials,
        keys=credentials,
    )
    def test_on_every_client(
        self, facts: dict[str, Any], previous_until: datetime | None, secrets: Any, keys: Any
    ) -> None:
        client = register(f"Client {MachineClient.objects.count()}").row
        client.secrets.all().delete()
        if previous_until is not None:
            other = next(one for one in FAMILIES if one != facts["authentication"])
            facts |= {"previous_authentication": other}
            facts |= {"previous_authentication_until": previous_until}
        MachineClient.objects.filter(pk=client.pk).update(**facts)
        for number, (expires_at, revoked_at, last_used_at) in enumerate(secrets):
            ClientSecret.objects.create(
                client=client,
                digest=f"sha256${client.pk}-{number}",
                expires_at=expires_at,
                revoked_at=revoked_at,
                last_used_at=last_used_at,
            )
        for number, (expires_at, revoked_at, last_used_at) in enumerate(keys):
            ClientKey.objects.create(
                client=client,
                kid=str(number),
                public_jwk={},
                expires_at=expires_at,
                revoked_at=revoked_at,
                last_used_at=last_used_at,
            )

        rows: Any = annotate_expiry(MachineClient.objects.all(), now=NOW)
        rows = annotate_status(rows, now=NOW).annotate(rank=rank_status(now=NOW))
        row = rows.get(pk=client.pk)

        status = get_status(row, now=NOW)
        assert row.status_word == status.value
        assert row.rank == list(ClientStatus).index(status)
        assert row.expiry_word == tell_expiry(row)


def tell_expiry(client: MachineClient) -> str:
    """Return how soon a client is left without a credential, as `annotate_expiry` has it."""
    lost: list[Any] = [*client.secrets.all(), *client.keys.all()]
    if not (publishes_usable_keys(client, now=NOW) or list_usable_credentials(client, now=NOW)):
        ended = [one for one in lost if one.revoked_at is None and not one.is_live(NOW)]
        return "expired" if ended else ""
    last = find_last_expiry(client, now=NOW)
    if last is None or last > NOW + timedelta(days=30):
        return ""
    return "7d" if last <= NOW + timedelta(days=7) else "30d"


@pytest.mark.django_db
def test_sorts_by_what_the_list_shows() -> None:
    soon = register("Soon", secret_expires_at=NOW + timedelta(days=3)).row
    never = register("Never", secret_expires_at=None).row
    later = register("Later", secret_expires_at=NOW + timedelta(days=30)).row
    without = register("Without").row
    without.secrets.all().delete()
    for client, days in ((soon, 2), (later, 3)):
        client.secrets.update(last_used_at=NOW - timedelta(days=days))
    ClientKey.objects.create(client=never, kid="1", public_jwk={}, last_used_at=NOW)
    MachineClient.objects.filter(pk=later.pk).update(published_key_used_at=NOW - HOUR)

    by_expiry = MachineClient.objects.order_by(sort_by_last_expiry(now=NOW))
    by_use = MachineClient.objects.order_by(sort_by_last_use())

    assert list(by_expiry) == [without, soon, later, never]
    assert list(by_use) == [without, soon, later, never]


@pytest.mark.django_db
def test_selects_those_in_a_state() -> None:
    register("In use")
    awaiting = register("Waiting").row
    awaiting.secrets.all().delete()

    selected = select_by_status(
        MachineClient.objects.all(), ClientStatus.AWAITING_CREDENTIALS, now=timezone.now()
    )

    assert list(selected) == [awaiting]
