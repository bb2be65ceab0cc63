"""Find out who calls the endpoints that answer for tokens."""

from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.client_authentication import authenticate
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.snapshot import Snapshot
from django_cc.authorization_server.tokens.liveness import liveness
from django_cc.protocol.access_token.jwt import Expectation, verify_access_token
from django_cc.protocol.bearer import read_bearer_token
from django_cc.protocol.built_in_api import BuiltInScope
from django_cc.protocol.client import AuthenticatedClient, Client
from django_cc.protocol.errors import InsufficientScope, InvalidRequest
from django_cc.protocol.form import Form
from django_cc.protocol.names import Parameter
from django_cc.resource_server.settings import get_settings as get_resource_server_settings

_CREDENTIALS = (Parameter.CLIENT_ID, Parameter.CLIENT_SECRET, Parameter.CLIENT_ASSERTION)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who introspects.

    Attributes:
        client: which client it is.
        authenticated: by which credential; None where an access token authorized it.
    """

    client: Client
    authenticated: AuthenticatedClient | None


def authenticate_caller(
    authorization: str | None,
    form: Form,
    snapshot: Snapshot,
    *,
    address: str | None,
    now: datetime,
) -> Caller:
    """Return who introspects, authorized in exactly one of two ways (RFC 7662 §2.1).

    By a method of client authentication, or by an access token for the built-in API with the
    scope `introspection`. A client may know its own tokens, so every client is somebody here.

    Raises:
        InvalidRequest: more than one way was used, or the header is malformed.
        InvalidClient: it failed to authenticate, or sent nothing to do so.
        InvalidToken: the access token is not good for the built-in API.
        InsufficientScope: it lacks the scope.
    """
    token = read_bearer_token(authorization)
    if token is None:
        authenticated = authenticate(authorization, form, snapshot, address=address, now=now)
        return Caller(authenticated.client, authenticated)
    if any(form.get(name) is not None for name in _CREDENTIALS):
        raise InvalidRequest("The request authenticates its caller in more than one way.")
    return Caller(_authorize_by_token(token, snapshot, now=now), None)


def _authorize_by_token(token: str, snapshot: Snapshot, *, now: datetime) -> Client:
    issuer = get_settings().issuer
    expected = Expectation(issuer, issuer, get_resource_server_settings().leeway)
    keys = snapshot.get_verification_keys(now=now)
    claims = verify_access_token(token, keys, expected, now=now)
    # The client as it was judged: a token that is ahead of the snapshot is not left to the old one.
    client = liveness.require_living(claims, snapshot, now=now)
    if BuiltInScope.INTROSPECTION not in claims.scope:
        raise InsufficientScope({BuiltInScope.INTROSPECTION}, client_id=client.client_id)
    return client
