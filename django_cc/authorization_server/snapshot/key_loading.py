"""Read the signing keys: which one signs, which are published, which verify."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django_cc.authorization_server.snapshot.snapshot import CurrentKey
from django_cc.models import SigningKey
from django_cc.protocol.jose import JWK, PublicKey, thumbprint
from django_cc.protocol.names import KeyID, SigningAlgorithm

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """What a snapshot holds of the keys.

    Attributes:
        current: the one that signs, for each algorithm.
        published: the public JWKs of all that are not retired, the oldest first.
        verifying: the same, ready to verify.
    """

    current: Mapping[SigningAlgorithm, CurrentKey]
    published: tuple[JWK, ...]
    verifying: Mapping[KeyID, PublicKey]


def load_keys(database: str) -> LoadedKeys:
    """Read the keys with one query."""
    keys = _load_keys(database)
    return LoadedKeys(
        current=_find_current(keys),
        published=tuple(row.public_jwk for row, _key in keys),
        verifying={KeyID(row.kid): key for row, key in keys},
    )


def _load_keys(database: str) -> list[tuple[SigningKey, PublicKey]]:
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
