"""A row that somebody altered by hand harms nobody but whom it is about, and opens nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import JSONField, Value

from django_cc.authorization_server.clients.keys import add_key
from django_cc.models import API, ClientKey, ClientSecret, MachineClient, Scope, SigningKey
from tests.assertions import present, register_with_key
from tests.machines import ACTOR, Machine, TokenEndpoint, call, register
from tests.protocol.tokens import private_key

pytestmark = pytest.mark.django_db

NULL = Value(None, JSONField())
FAR = datetime(9999, 12, 31, tzinfo=UTC)
NO_JSON_OBJECTS: list[Any] = [NULL, [], {}, "x", 7, ["x"], {"kty": "EC"}, {"kty": None}]
UNREADABLE_NETWORKS: list[Any] = [NULL, {}, "10.0.0.0/8", 7, [7], [None], ["x"], ["10.0.0.0/8", []]]

Alteration = Callable[[MachineClient], Any]


def set_client(**values: Any) -> Alteration:
    return lambda row: MachineClient.objects.filter(pk=row.pk).update(**values)


def set_secrets(**values: Any) -> Alteration:
    return lambda row: ClientSecret.objects.filter(client=row).update(**values)


ALTERED: dict[str, Alteration] = {
    **{f"networks {value!r}": set_client(allowed_networks=value) for value in UNREADABLE_NETWORKS},
    "no lifetime": set_client(token_lifetime=0),
    "a lifetime of years": set_client(token_lifetime=2_147_483_647),
    "no rate": set_client(rate=0),
    "a late generation": set_client(generation=2_147_483_647),
    "an unknown previous family": set_client(
        previous_authentication="magic", previous_authentication_until=FAR
    ),
    "an end beyond all time zones": set_client(expires_at=FAR),
    "an empty digest": set_secrets(digest="sha256$"),
    "another digest": set_secrets(digest="toolkit$md5$x"),
    "a secret for ever": set_secrets(expires_at=FAR),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED.keys())
def test_an_altered_client_leaves_the_others_alone(
    token_endpoint: TokenEndpoint, machine: Machine, alter: Alteration
) -> None:
    other = register("Other")

    alter(machine.row)

    token = token_endpoint.access_token(other)
    assert call(token=token).status_code == 200
    assert token_endpoint.post(authorization=machine.basic()).status_code < 500


@pytest.mark.parametrize("networks", UNREADABLE_NETWORKS, ids=repr)
def test_networks_that_cannot_be_read_are_no_way_in(
    token_endpoint: TokenEndpoint, machine: Machine, networks: Any
) -> None:
    set_client(allowed_networks=networks)(machine.row)

    assert token_endpoint.post(authorization=machine.basic()).status_code == 400


@pytest.mark.parametrize("jwk", NO_JSON_OBJECTS, ids=repr)
def test_a_client_key_that_cannot_be_read_is_none(
    token_endpoint: TokenEndpoint, machine: Machine, jwk: Any
) -> None:
    signer = register_with_key()
    ClientKey.objects.update(public_jwk=jwk)

    assert present(token_endpoint, signer).status_code == 401
    assert token_endpoint.post(authorization=machine.basic()).status_code == 200


def test_a_client_key_that_cannot_be_read_leaves_its_other_keys(
    token_endpoint: TokenEndpoint,
) -> None:
    signer = register_with_key()
    broken = add_key(signer.row, {**private_key().public_jwk(), "kid": "other"}, ACTOR)
    ClientKey.objects.filter(pk=broken.pk).update(public_jwk=NULL)

    assert present(token_endpoint, signer).status_code == 200


@pytest.mark.parametrize("jwk", NO_JSON_OBJECTS, ids=repr)
def test_a_signing_key_that_cannot_be_read_leaves_the_others(
    token_endpoint: TokenEndpoint, machine: Machine, jwk: Any
) -> None:
    token = token_endpoint.access_token(machine)

    SigningKey.objects.filter(state=SigningKey.State.NEXT).update(public_jwk=jwk)

    assert call(token=token).status_code == 200
    assert token_endpoint.post(authorization=machine.basic()).status_code == 200


@pytest.mark.parametrize("private", [b"", b"x"], ids=repr)
def test_a_private_half_that_cannot_be_read_signs_nothing(
    token_endpoint: TokenEndpoint, machine: Machine, private: bytes
) -> None:
    SigningKey.objects.update(encrypted_private_key=private)

    assert token_endpoint.post(authorization=machine.basic()).status_code == 503


@pytest.mark.parametrize("name", ['a"b', "é"], ids=repr)
def test_a_scope_outside_of_the_grammar_is_never_put_into_a_token(
    token_endpoint: TokenEndpoint, machine: Machine, name: str
) -> None:
    Scope.objects.filter(name="orders:write").update(name=name)

    assert token_endpoint.issue(machine)["scope"] == "orders:read"


def test_an_api_of_another_name_keeps_the_rest_working(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    API.objects.filter(name="Billing").update(identifier="no URI", token_lifetime=0)

    assert call(token=token_endpoint.access_token(machine)).status_code == 200
