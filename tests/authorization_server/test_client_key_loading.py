"""What a process knows of clients' keys."""

from datetime import UTC, datetime, timedelta

import pytest

from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.snapshot import client_key_loading
from django_cc.authorization_server.snapshot.loading import load_snapshot
from django_cc.models import ClientKey, MachineClient
from django_cc.protocol.client import AuthenticationFamily, PreviousFamily
from tests.assertions import register_with_key
from tests.machines import ACTOR
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db


def known_kids(client_id: str) -> list[str]:
    return list(load_snapshot("default").clients[client_id].keys)


def test_goes_on_without_a_key_that_was_altered_by_hand(caplog: pytest.LogCaptureFixture) -> None:
    signer = register_with_key()
    add_key(signer.row, {**signer.jwk, "kid": "broken"}, ACTOR)
    ClientKey.objects.filter(kid="broken").update(public_jwk={"alg": "none"})

    assert known_kids(signer.client_id) == [signer.jwk["kid"]]
    assert "no usable public JWK" in caplog.text


def test_forgets_removed_keys_and_keeps_expired_ones_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_key_loading, "MOST_KEYS", 2)
    signer, now = register_with_key(), datetime.now(UTC)
    for number in range(4):
        jwk = {**private_key().public_jwk(), "kid": str(number)}
        add_key(signer.row, jwk, ACTOR)
    ClientKey.objects.filter(kid="2").update(expires_at=now - timedelta(days=1))
    ClientKey.objects.filter(kid="3").update(revoked_at=now)

    assert known_kids(signer.client_id) == ["2", "1"]


def test_knows_the_family_a_client_is_leaving() -> None:
    signer, until = register_with_key(), datetime.now(UTC)
    rows = MachineClient.objects.filter(pk=signer.row.pk)
    seen = []
    for family in ("client_secret", "unheard of"):
        rows.update(previous_authentication=family, previous_authentication_until=until)
        client = load_snapshot("default").clients[signer.client_id]
        seen.append(client.previous_authentication)

    assert seen == [PreviousFamily(AuthenticationFamily.CLIENT_SECRET, until), None]
