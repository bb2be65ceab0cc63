"""Client assertions for tests (RFC 7523), good and forged."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import transaction

from django_cc.authorization_server.clients.authentication_family import change_authentication
from django_cc.authorization_server.clients.keys import add_key
from django_cc.authorization_server.snapshot.revision import publish
from django_cc.models import MachineClient
from django_cc.protocol.client_authentication.private_key_jwt import ASSERTION_TYPE
from django_cc.protocol.jose import JWK, PrivateKey
from django_cc.protocol.names import SigningAlgorithm
from tests.machines import ACTOR, TokenEndpoint, encode, register
from tests.projects.combined import ISSUER
from tests.protocol.tokens import private_key


def new_key(algorithm: SigningAlgorithm = SigningAlgorithm.ES256) -> PrivateKey:
    """Return a key pair that no other test has."""
    return PrivateKey.generate(algorithm)


@dataclass(frozen=True)
class KeyMachine:
    """A registered machine client that signs assertions."""

    row: MachineClient
    client_id: str
    key: PrivateKey = field(default_factory=private_key)

    @property
    def jwk(self) -> JWK:
        """The public key that is registered."""
        return self.key.public_jwk()

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with changes; a claim set to None is left out."""
        now = int(time.time())
        good = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": uuid4().hex,
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return a signed assertion."""
        return self.key.sign({"kid": self.jwk["kid"], **(header or {})}, self.claims(**changes))

    def body(self, assertion: str | None = None, **parameters: str) -> str:
        """Return the body of a token request."""
        return encode(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion() if assertion is None else assertion,
                **parameters,
            }
        )


def register_with_key(
    name: str = "Key client",
    *,
    key: PrivateKey | None = None,
    endpoint_audience: bool = False,
    **more: Any,
) -> KeyMachine:
    """Register a machine client that authenticates by one key."""
    machine = register(name, **more)
    key = key or private_key()
    add_key(machine.row, key.public_jwk(), ACTOR)
    change_authentication(machine.row, MachineClient.Authentication.PRIVATE_KEY_JWT, ACTOR)
    if endpoint_audience:
        with transaction.atomic():
            MachineClient.objects.filter(pk=machine.row.pk).update(accepts_endpoint_audience=True)
            publish(machine.row)
    machine.row.refresh_from_db()
    return KeyMachine(machine.row, machine.client_id, key)


def present(endpoint: TokenEndpoint, machine: KeyMachine, assertion: str | None = None) -> Any:
    """Ask for a token with an assertion; by default a good one."""
    return endpoint.post(machine.body(assertion))
