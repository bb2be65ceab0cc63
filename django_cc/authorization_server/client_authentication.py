"""Authenticate the client of a request to one of our endpoints."""

from datetime import datetime

from django_cc.authorization_server.adoption.old_secrets import OldSecretVerifier
from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.replay import CLOCK_LEEWAY, AssertionRegister
from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.client import AuthenticatedClient, ClientDirectory
from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_authentication.private_key_jwt import AssertionRules
from django_cc.protocol.form import Form


def authenticate(
    authorization: str | None,
    form: Form,
    clients: ClientDirectory,
    *,
    address: str | None,
    now: datetime,
) -> AuthenticatedClient:
    """Return the client that proved its identity, by the rules of this server.

    Every endpoint at which clients authenticate calls this one. By a secret it makes no query;
    by an assertion one, which uses the assertion up for all endpoints. By a secret that the
    toolkit hashed it makes some, once, to keep it under our own digest from then on. Where a
    client publishes its keys, it may wait two seconds for them, with no transaction open.

    Args:
        authorization: the Authorization header, None when there is none.
        form: the body.
        clients: where they are looked up.
        address: where the request comes from, if that can be told.
        now: aware UTC.

    Raises:
        InvalidRequest: more than one method was used, or two different client IDs.
        InvalidClient: authentication failed, for whatever cause.
        TemporarilyUnavailable: the use of an assertion cannot be recorded, or a secret that the
            toolkit hashed cannot be checked now.
    """
    rules = AssertionRules(
        issuer=get_settings().issuer,
        token_endpoint=endpoint_url("token"),
        leeway=CLOCK_LEEWAY,
        used=AssertionRegister(),
        published=client_key_sets,
    )
    old_secrets = OldSecretVerifier(address)
    return authenticate_client(authorization, form, clients, rules, old_secrets, now=now)
