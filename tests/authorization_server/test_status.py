"""How a machine client is doing, told in Python for one and in SQL for all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_cc.authorization_server.clients.status import ClientStatus, get_status
from django_cc.authorization_server.clients.status_query import annotate_status, select_by_status
from django_cc.models import ClientKey, ClientSecret, MachineClient
from tests.machines import register

FAMILIES = MachineClient.Authentication.values
NOW = timezone.now().replace(microsecond=0)

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

        row: Any = annotate_status(MachineClient.objects.all(), now=NOW).get(pk=client.pk)

        assert row.status_word == get_status(row, now=NOW).value


@pytest.mark.django_db
def test_selects_those_in_a_state() -> None:
    register("In use")
    awaiting = register("Waiting").row
    awaiting.secrets.all().delete()

    selected = select_by_status(
        MachineClient.objects.all(), ClientStatus.AWAITING_CREDENTIALS, now=timezone.now()
    )

    assert list(selected) == [awaiting]
