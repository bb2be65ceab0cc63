"""Authenticate a client by its secret (RFC 6749 §2.3.1)."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django_cc.protocol.client import (
    AuthenticatedClient,
    AuthenticationFamily,
    Client,
    CredentialRef,
    StoredSecret,
)
from django_cc.protocol.errors import InvalidClient, PresentedSecret, RefusalReason
from django_cc.protocol.form import decode_component
from django_cc.protocol.names import ClientAuthenticationMethod
from django_cc.protocol.secret_text import SecretText

_MARKER = "sha256$"


@dataclass(frozen=True, slots=True)
class ClientSecretCredentials:
    """A client ID and secret as presented, and the method that carried them."""

    client_id: str
    client_secret: SecretText
    method: ClientAuthenticationMethod


def digest_secret(secret: SecretText) -> str:
    """Return what is stored of a client secret: `sha256$` and 64 hexadecimal digits.

    Right for our secrets only because they are 256 random bits, which no one can guess however
    fast the digest. For passwords, which people choose, this would be wrong: use Django's
    password hashers there.
    """
    return _MARKER + hashlib.sha256(secret.reveal().encode()).hexdigest()


# Compared with for an unknown client, so that both cases do the same work.
_NO_SECRET = (StoredSecret(_MARKER + "0" * 64, None),)


def read_basic(encoded: str) -> ClientSecretCredentials:
    """Read the credentials of `Authorization: Basic` (RFC 6749 §2.3.1, RFC 7617 §2).

    The ID ends at the first colon; each half is form-urlencoded, so it is split before it is
    decoded.

    Raises:
        InvalidClient: no base64, no colon, or a half that is not form-urlencoded UTF-8.
    """
    try:
        decoded = base64.b64decode(encoded.encode("ascii"), validate=True)
        client_id, colon, secret = decoded.partition(b":")
        if not colon:
            raise ValueError("no colon")
        return ClientSecretCredentials(
            client_id=decode_component(client_id),
            client_secret=SecretText(decode_component(secret)),
            method=ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
        )
    except (ValueError, binascii.Error):
        raise InvalidClient(reason=RefusalReason.MALFORMED_CREDENTIALS) from None


def verify_client_secret(
    credentials: ClientSecretCredentials, client: Client | None, *, now: datetime
) -> AuthenticatedClient:
    """Return the client whose live secret was presented, and which secret it was.

    Raises:
        InvalidClient: unknown client, one that authenticates by keys, wrong or expired secret,
            or a disabled or expired client; the same words for all, and the same work for known
            and unknown clients.
    """
    # As bytes: a digest that was altered by hand may hold anything.
    presented = digest_secret(credentials.client_secret).encode()
    stored = client.secrets if client and client.secrets else _NO_SECRET
    # Compare even for an unknown client: equal time hides which client IDs exist.
    matching = [one for one in stored if hmac.compare_digest(one.digest.encode(), presented)]
    if client is None:
        raise InvalidClient(reason=RefusalReason.UNKNOWN_CLIENT, presented=_describe(credentials))
    live = [one for one in matching if one.expires_at is None or one.expires_at > now]
    fault = _find_fault(matching, live) or client.find_obstacle(now=now)
    if AuthenticationFamily.CLIENT_SECRET not in client.authentication_families(now):
        fault = RefusalReason.METHOD_NOT_ALLOWED
    if fault is not None:
        raise InvalidClient(
            reason=fault,
            client_id=client.client_id,
            presented=_describe(credentials),
        )
    credential = CredentialRef(AuthenticationFamily.CLIENT_SECRET, live[0].digest)
    return AuthenticatedClient(client, credential)


def _describe(credentials: ClientSecretCredentials) -> PresentedSecret:
    secret = credentials.client_secret
    return PresentedSecret(secret, is_client_id=secret.reveal() == credentials.client_id)


def _find_fault(matching: list[StoredSecret], live: list[StoredSecret]) -> RefusalReason | None:
    if not matching:
        return RefusalReason.WRONG_SECRET
    return None if live else RefusalReason.EXPIRED_SECRET
