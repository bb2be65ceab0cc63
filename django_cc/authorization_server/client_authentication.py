"""Authenticate the client of a request to one of our endpoints."""

from datetime import datetime

from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.issuer import endpoint_url
from django_cc.authorization_server.replay import CLOCK_LEEWAY, AssertionRegister
from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.client import AuthenticatedClient, ClientDirectory
from django_cc.protocol.client_authentication.authentication import authenticate_client
from django_cc.protocol.client_authentication.private_key_jwt import AssertionRules
from django_cc.protocol.form import Form


def authenticate(
    authorization: str | None, form: Form, clients: ClientDirectory, *, now: datetime
) -> AuthenticatedClient:
    """Return the client that proved its identity, by the rules of this server.

    Every endpoint at which clients authenticate calls this one. By a secret it makes no query;
    by an assertion one, which uses the assertion up for all endpoints. Where a client publishes
    its keys, it may wait two seconds for them, with no transaction open.

    Raises:
        InvalidRequest: more than one method was used, or two different client IDs.
        InvalidClient: authentication failed, for whatever cause.
        TemporarilyUnavailable: the use of an assertion cannot be recorded.
    """
    rules = AssertionRules(
        issuer=get_settings().issuer,
        token_endpoint=endpoint_url("token"),
        leeway=CLOCK_LEEWAY,
        used=AssertionRegister(),
        published=client_key_sets,
    )
    return authenticate_client(authorization, form, clients, rules, now=now)
