"""Authenticate a client by its secret (RFC 6749 §2.3.1)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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

_SCHEME = "sha256"
_MARKER = f"{_SCHEME}$"


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


class ForeignSecretVerifier(Protocol):
    """Checks secrets that another system digested in its own way, slowly perhaps."""

    def find_match(
        self, secret: SecretText, client: Client, stored: Sequence[StoredSecret], *, now: datetime
    ) -> StoredSecret | None:
        """Return the one of `stored` that `secret` matches, as it is kept from now on, or None.

        Raises:
            TemporarilyUnavailable: it cannot be checked now.
        """
        ...


class NoForeignSecrets:
    """The verifier of a server that keeps no digests but its own: nothing matches."""

    def find_match(
        self,
        secret: SecretText,  # noqa: ARG002 - the port's
        client: Client,  # noqa: ARG002 - the port's
        stored: Sequence[StoredSecret],  # noqa: ARG002 - the port's
        *,
        now: datetime,  # noqa: ARG002 - the port's
    ) -> StoredSecret | None:
        """Return None."""
        return None


NO_FOREIGN_SECRETS = NoForeignSecrets()

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
    credentials: ClientSecretCredentials,
    client: Client | None,
    foreign_secrets: ForeignSecretVerifier = NO_FOREIGN_SECRETS,
    *,
    now: datetime,
) -> AuthenticatedClient:
    """Return the client whose live secret was presented, and which secret it was.

    A secret with a foreign digest is only looked at where no other matches, and where the client
    could authenticate by it: that may be slow, and its time then tells that such a one exists.

    Raises:
        InvalidClient: unknown client, one that authenticates by keys, wrong or expired secret,
            or a disabled or expired client; the same words for all, and the same work for known
            and unknown clients.
        TemporarilyUnavailable: the client has a secret with a foreign digest that cannot be
            checked now.
    """
    # As bytes: a digest that was altered by hand may hold anything.
    presented = digest_secret(credentials.client_secret).encode()
    stored = client.secrets if client and client.secrets else _NO_SECRET
    # Compare even for an unknown client: equal time hides which client IDs exist.
    matching = [one for one in stored if hmac.compare_digest(one.digest.encode(), presented)]
    if client is None:
        raise InvalidClient(reason=RefusalReason.UNKNOWN_CLIENT, presented=_describe(credentials))
    obstacle = _find_obstacle(client, now=now)
    if not matching and obstacle is None:
        matching = _match_foreign(credentials.client_secret, client, foreign_secrets, now=now)
    live = [one for one in matching if one.is_live(now)]
    fault = _find_fault(matching, live, obstacle)
    if fault is not None:
        raise InvalidClient(
            reason=fault,
            client_id=client.client_id,
            presented=_describe(credentials),
        )
    credential = CredentialRef(AuthenticationFamily.CLIENT_SECRET, live[0].digest)
    return AuthenticatedClient(client, credential)


def _match_foreign(
    secret: SecretText, client: Client, verifier: ForeignSecretVerifier, *, now: datetime
) -> list[StoredSecret]:
    foreign = [one for one in client.secrets if one.scheme != _SCHEME and one.is_live(now)]
    match = verifier.find_match(secret, client, foreign, now=now) if foreign else None
    return [] if match is None else [match]


def _find_obstacle(client: Client, *, now: datetime) -> RefusalReason | None:
    if AuthenticationFamily.CLIENT_SECRET not in client.authentication_families(now):
        return RefusalReason.METHOD_NOT_ALLOWED
    return client.find_obstacle(now=now)


def _describe(credentials: ClientSecretCredentials) -> PresentedSecret:
    return PresentedSecret(SecretText(credentials.client_id), credentials.client_secret)


def _find_fault(
    matching: list[StoredSecret], live: list[StoredSecret], obstacle: RefusalReason | None
) -> RefusalReason | None:
    if obstacle is RefusalReason.METHOD_NOT_ALLOWED:
        return obstacle
    if not matching:
        return RefusalReason.WRONG_SECRET
    return obstacle if live else RefusalReason.EXPIRED_SECRET
