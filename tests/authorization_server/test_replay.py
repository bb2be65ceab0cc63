"""A client assertion is used once, whoever comes first and whatever fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from django_cc.authorization_server import replay
from django_cc.authorization_server.pruning import prune
from django_cc.authorization_server.replay import AssertionRegister
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from django_cc.models import UsedAssertion
from django_cc.protocol.client_authentication.private_key_jwt import VerifiedAssertion
from django_cc.protocol.errors import InvalidClient, RefusalReason, TemporarilyUnavailable
from django_cc.protocol.names import ClientID
from tests.assertions import present, register_with_key
from tests.machines import ACTOR, TokenEndpoint, read_json

SOON = datetime.now(UTC) + timedelta(minutes=1)


def use(client_id: str = "one", token_id: str = "a") -> None:
    assertion = VerifiedAssertion(ClientID(client_id), token_id, SOON)
    AssertionRegister().record_first_use(assertion)


@pytest.mark.django_db
def test_tells_a_second_use_and_who_tried() -> None:
    use()

    with pytest.raises(InvalidClient) as refusal:
        use()

    assert refusal.value.reason is RefusalReason.REPLAYED_ASSERTION
    assert refusal.value.client_id == "one"


@pytest.mark.django_db
def test_tells_clients_and_ids_apart_however_they_are_written() -> None:
    for client_id, token_id in [("a", "bc"), ("ab", "c"), ("a", '", "'), ("a", "\ud800")]:
        use(client_id, token_id)

    assert UsedAssertion.objects.count() == 4


@pytest.mark.two_connections
@pytest.mark.django_db(transaction=True)
def test_accepts_one_of_many_requests_at_once() -> None:
    ensure_signing_key(ACTOR)
    signer = register_with_key()
    assertion, together = signer.assertion(), threading.Barrier(6)

    def ask(_number: int) -> int:
        try:
            connection.ensure_connection()
            together.wait(timeout=10)
            return int(present(TokenEndpoint(), signer, assertion).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as executor:
        statuses = sorted(executor.map(ask, range(6)))

    assert statuses == [200, 401, 401, 401, 401, 401]


@pytest.mark.django_db(transaction=True)
def test_is_committed_before_the_request_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_signing_key(ACTOR)
    signer = register_with_key()
    assertion = signer.assertion()

    assert TokenEndpoint().post(signer.body(assertion, scope="no:such")).status_code == 400
    assert not connection.in_atomic_block
    assert UsedAssertion.objects.count() == 1
    assert present(TokenEndpoint(), signer, assertion).status_code == 401


def fail(*_arguments: Any, **_options: Any) -> None:
    raise OperationalError("the server closed the connection")


@pytest.mark.django_db
def test_accepts_nothing_that_it_cannot_record(
    token_endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = register_with_key()
    monkeypatch.setattr(UsedAssertion, "save", fail)

    answer = present(token_endpoint, signer)

    assert (answer.status_code, read_json(answer)["error"]) == (503, "temporarily_unavailable")
    assert answer["Retry-After"] == "5"
    with pytest.raises(TemporarilyUnavailable):
        use()


@pytest.mark.django_db
def test_leaves_the_callers_transaction_usable() -> None:
    with transaction.atomic():
        use()
        with pytest.raises(InvalidClient):
            use()
        assert UsedAssertion.objects.count() == 1


@pytest.mark.django_db
def test_forgets_a_use_when_the_assertion_could_not_be_used_anyway() -> None:
    use()
    end = UsedAssertion.objects.get().expires_at
    assert end == SOON + 2 * replay.CLOCK_LEEWAY

    removed = [
        prune(ACTOR, batch_size=10, now=moment)["used_assertions"]
        for moment in (end, end + timedelta(seconds=1))
    ]

    assert removed == [0, 1]
