"""Authenticate the client of a request (RFC 6749 §3.2.1)."""

from datetime import datetime

from django_cc.protocol.client import AuthenticatedClient, ClientDirectory
from django_cc.protocol.client_authentication.client_secret import (
    NO_FOREIGN_SECRETS,
    ClientSecretCredentials,
    ForeignSecretVerifier,
    verify_client_secret,
)
from django_cc.protocol.client_authentication.private_key_jwt import (
    AssertionRules,
    verify_client_assertion,
)
from django_cc.protocol.client_authentication.selection import read_credentials
from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.form import Form
from django_cc.protocol.names import ClientID, Parameter


def authenticate_client(
    authorization: str | None,
    form: Form,
    directory: ClientDirectory,
    rules: AssertionRules,
    foreign_secrets: ForeignSecretVerifier = NO_FOREIGN_SECRETS,
    *,
    now: datetime,
) -> AuthenticatedClient:
    """Return the client that proved its identity by exactly one method.

    An assertion that is accepted is used up, whatever becomes of the request.

    Args:
        authorization: the Authorization header, None when there is none.
        form: the body.
        directory: where clients are looked up.
        rules: what is demanded of an assertion, and where its use is recorded.
        foreign_secrets: checks secrets that another system digested.
        now: aware UTC time, for the expiry of credentials and clients.

    Raises:
        InvalidRequest: more than one method was used, or two different client IDs.
        InvalidClient: unknown client, wrong or missing credentials, a method that is not this
            client's, an assertion that was used before, or a disabled or expired client.
        TemporarilyUnavailable: the use of an assertion cannot be recorded now, or a foreign
            digest not be checked.
    """
    try:
        credentials = read_credentials(authorization, form)
    except InvalidClient as refusal:
        if refusal.reason is RefusalReason.NO_CREDENTIALS:
            refusal.client_id = _find_named(form, directory)
        raise
    client = directory.find_client(credentials.client_id)
    if isinstance(credentials, ClientSecretCredentials):
        return verify_client_secret(credentials, client, foreign_secrets, now=now)
    return verify_client_assertion(credentials, client, rules, now=now)


def _find_named(form: Form, directory: ClientDirectory) -> ClientID | None:
    # The body named a client and proved nothing: its developer is to find the refusal all the same.
    client = directory.find_client(form.get(Parameter.CLIENT_ID) or "")
    return None if client is None else client.client_id
