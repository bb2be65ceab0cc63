"""RFC 7523 and RFC 7591 §2: a client whose keys are where it publishes them (`jwks_uri`)."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.authorization_server.clients.editing import Changes, update_client
from django_cc.authorization_server.clients.status import find_last_credential
from django_cc.authorization_server.recording import write_down
from django_cc.authorization_server.usage.figures import read_usage
from django_cc.models import ClientKey, MachineClient, UsedAssertion
from django_cc.protocol.names import SigningAlgorithm
from tests.assertions import new_key, present
from tests.machines import ACTOR, TokenEndpoint, call, read_json
from tests.protocol.tokens import private_key
from tests.publishing import Publisher, allow_loopback, publish, register_with_url, signed_with
from tests.remote.fixtures import Names
from tests.remote.servers import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(server_tls: ssl.SSLContext, resolver: Names, settings: Any) -> Iterator[Publisher]:
    """A client's server, in a network of our own."""
    allow_loopback(settings)
    with publish(server_tls) as publisher:
        yield publisher


@pytest.fixture(autouse=True)
def running_clock(time_machine: Any) -> None:
    """The clock of the tests, which can be put forward."""
    time_machine.move_to(datetime.now(UTC), tick=True)


def pass_time(time_machine: Any, **spent: float) -> None:
    time_machine.shift(timedelta(**spent))


def error_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, read_json(answer)["error"]


@pytest.mark.rfc("7591", "2", "jwks_uri: the client's JWK Set, for private_key_jwt")
@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_gives_a_token_to_a_client_that_publishes_its_key(
    token_endpoint: TokenEndpoint, publisher: Publisher, algorithm: SigningAlgorithm
) -> None:
    key = private_key(algorithm)
    publisher.publish(key)
    client = register_with_url(publisher.url, key)

    answer = present(token_endpoint, client)

    assert answer.status_code == 200, answer.content
    assert call(token=read_json(answer)["access_token"]).status_code == 200
    assert UsedAssertion.objects.count() == 1


def test_remembers_when_and_from_where_a_published_key_was_used(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)

    present(token_endpoint, client)
    write_down()

    row, now = MachineClient.objects.get(), datetime.now(UTC)
    last = find_last_credential(row)
    assert last is not None
    assert (last.credential, last.address) == ("a published key", "127.0.0.1")
    usage = read_usage(row, since=now - timedelta(hours=1), until=now)
    assert usage.last_used_at == last.used_at


def test_the_use_of_a_registered_key_is_its_own_alone(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    client = register_with_url(publisher.url, key, jwks=[key.public_jwk()])

    present(token_endpoint, client)
    write_down()

    assert ClientKey.objects.get().last_used_at is not None
    assert MachineClient.objects.get().published_key_used_at is None


def test_asks_once_for_many_tokens(token_endpoint: TokenEndpoint, publisher: Publisher) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)

    statuses = {present(token_endpoint, client).status_code for _again in range(5)}

    assert statuses == {200}
    assert len(publisher.server.requests) == 1


@pytest.mark.rfc("7517", "4.5", "kid is used to match a specific key, for instance in rollover")
def test_follows_the_client_through_a_rotation(
    token_endpoint: TokenEndpoint, publisher: Publisher, time_machine: Any
) -> None:
    old, new = new_key(), new_key()
    publisher.publish(old)
    before = register_with_url(publisher.url, old)
    after = signed_with(before, new)
    assert present(token_endpoint, before).status_code == 200

    publisher.publish(old, new)
    pass_time(time_machine, seconds=31)
    overlap = [present(token_endpoint, one).status_code for one in (after, before)]
    publisher.publish(new)
    pass_time(time_machine, minutes=6)
    ended = [present(token_endpoint, one).status_code for one in (after, before)]

    assert overlap == [200, 200]
    assert ended == [200, 401]


@pytest.mark.rfc("7515", "4.1.4", "kid is optional: with one key there is nothing to choose")
def test_understands_an_assertion_without_a_kid_where_one_key_is_published(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)

    answer = present(token_endpoint, client, key.sign({}, client.claims()))

    assert answer.status_code == 200


def test_looks_at_registered_keys_first(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    client = register_with_url(publisher.url, key, jwks=[key.public_jwk()])

    assert present(token_endpoint, client).status_code == 200
    assert publisher.server.connections == 0


def test_goes_on_with_the_keys_it_has_while_the_clients_server_is_away(
    token_endpoint: TokenEndpoint, publisher: Publisher, time_machine: Any
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)
    assert present(token_endpoint, client).status_code == 200

    publisher.server.answer(say(b"", status="503 Service Unavailable"))
    pass_time(time_machine, minutes=50)
    within = present(token_endpoint, client).status_code
    pass_time(time_machine, minutes=11)

    assert within == 200
    assert error_of(present(token_endpoint, client)) == (401, "invalid_client")


@pytest.mark.rfc("6749", "5.2", "invalid_client: authentication failed, for whatever cause")
def test_refuses_a_client_whose_keys_cannot_be_had(
    token_endpoint: TokenEndpoint, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.server.answer(say(b"", status="500 Internal Server Error"))
    client = register_with_url(publisher.url)

    with caplog.at_level("INFO"):
        answer = present(token_endpoint, client)

    assert error_of(answer) == (401, "invalid_client")
    assert "keys_unavailable" in caplog.text
    assert f"{client.client_id} could not be fetched: it answers with status 500" in caplog.text
    assert not UsedAssertion.objects.exists()


def test_asks_at_the_new_url_at_once_when_it_is_changed(
    token_endpoint: TokenEndpoint, publisher: Publisher, server_tls: ssl.SSLContext
) -> None:
    old, new = new_key(), new_key()
    publisher.publish(old)
    client = register_with_url(publisher.url, old)
    assert present(token_endpoint, client).status_code == 200

    with publish(server_tls, new) as elsewhere:
        update_client(client.row, Changes(jwks_uri=elsewhere.url), ACTOR)

        assert present(token_endpoint, signed_with(client, new)).status_code == 200
        assert present(token_endpoint, client).status_code == 401


def test_uses_no_published_key_when_the_url_is_taken_away(
    token_endpoint: TokenEndpoint, publisher: Publisher
) -> None:
    key = new_key()
    publisher.publish(key)
    client = register_with_url(publisher.url, key)
    assert present(token_endpoint, client).status_code == 200

    update_client(client.row, Changes(jwks_uri=""), ACTOR)

    assert error_of(present(token_endpoint, client)) == (401, "invalid_client")
