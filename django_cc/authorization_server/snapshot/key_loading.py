"""Read the signing keys: which one signs, which are published, which verify."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.configured_keys import get_configured_keys
from django_cc.authorization_server.snapshot.snapshot import CurrentKey
from django_cc.models import SigningKey
from django_cc.protocol.jose import JWK, PublicKey, thumbprint
from django_cc.protocol.names import KeyID, SigningAlgorithm

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """What a snapshot holds of the keys.

    Attributes:
        current: the one of the database that signs, for each algorithm.
        published: the public JWKs of those in the settings, then of all in the database that are
            not retired, the oldest first; no kid twice.
        verifying: the same, ready to verify.
        ends: of those that sign no more, until when they verify (aware UTC).
    """

    current: Mapping[SigningAlgorithm, CurrentKey]
    published: tuple[JWK, ...]
    verifying: Mapping[KeyID, PublicKey]
    ends: Mapping[KeyID, datetime]


def load_keys(database: str) -> LoadedKeys:
    """Read the keys with one query, and those of the settings."""
    rows = _load_rows(database)
    jwks = {key.kid: key.public_jwk for key in get_configured_keys().keys}
    verifying = {kid: PublicKey.from_jwk(jwk) for kid, jwk in jwks.items()}
    ends = {
        KeyID(row.kid): row.verifies_until
        for row, _key in rows
        if row.verifies_until is not None and row.kid not in jwks
    }
    for row, key in rows:
        jwks.setdefault(KeyID(row.kid), row.public_jwk)
        verifying.setdefault(KeyID(row.kid), key)
    return LoadedKeys(_find_current(rows), tuple(jwks.values()), verifying, ends)


def _load_rows(database: str) -> list[tuple[SigningKey, PublicKey]]:
    rows = SigningKey.objects.using(database).exclude(state=SigningKey.State.RETIRED)
    keys = []
    for row in rows.order_by("created_at", "pk"):
        try:
            keys.append((row, _read_public_key(row)))
        except (ValueError, AttributeError):  # altered by hand: the others must go on verifying
            logger.exception("The signing key %s has no usable public JWK.", row.kid)
    return keys


def _read_public_key(row: SigningKey) -> PublicKey:
    key = PublicKey.from_jwk(row.public_jwk)
    if thumbprint(row.public_jwk) != row.kid:
        raise ValueError("The public JWK is another key's.")
    return key


def _find_current(
    keys: list[tuple[SigningKey, PublicKey]],
) -> dict[SigningAlgorithm, CurrentKey]:
    return {
        key.algorithm: CurrentKey(KeyID(row.kid), key.algorithm, bytes(row.encrypted_private_key))
        for row, key in keys
        if row.state == SigningKey.State.CURRENT
    }
