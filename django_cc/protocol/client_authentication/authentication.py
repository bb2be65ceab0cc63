"""Authenticate the client of a request (RFC 6749 §3.2.1)."""

from datetime import datetime

from django_cc.protocol.client import AuthenticatedClient, ClientDirectory
from django_cc.protocol.client_authentication.client_secret import verify_client_secret
from django_cc.protocol.client_authentication.selection import read_credentials
from django_cc.protocol.form import Form


def authenticate_client(
    authorization: str | None, form: Form, directory: ClientDirectory, *, now: datetime
) -> AuthenticatedClient:
    """Return the client that proved its identity by exactly one method.

    Args:
        authorization: the Authorization header, None when there is none.
        form: the body.
        directory: where clients are looked up.
        now: aware UTC time, for the expiry of secrets and clients.

    Raises:
        InvalidRequest: more than one method was used.
        InvalidClient: unknown client, wrong or missing credentials, or a disabled or expired
            client.
    """
    credentials = read_credentials(authorization, form)
    return verify_client_secret(credentials, directory.find_client(credentials.client_id), now=now)
