"""Read the public keys of clients."""

import logging
from collections import defaultdict
from collections.abc import Mapping

from django_cc.models import ClientKey
from django_cc.protocol.client import StoredKey
from django_cc.protocol.jose import PublicKey
from django_cc.protocol.names import KeyID

logger = logging.getLogger(__name__)

MOST_KEYS = 20  # of one client; a few live ones, and the expired ones that are not pruned yet


def load_client_keys(database: str, since: int) -> Mapping[int, Mapping[KeyID, StoredKey]]:
    """Return the keys of the clients that changed after revision `since`, by the client's row.

    Removed ones are left out. Expired ones are there, to tell an expired key from an unknown one
    in the log; of more than `MOST_KEYS`, the newest.
    """
    found: dict[int, dict[KeyID, StoredKey]] = defaultdict(dict)
    rows = ClientKey.objects.using(database).filter(revoked_at=None, client__revision__gt=since)
    for row in rows.order_by("-created_at", "-pk"):
        keys = found[row.client_id]
        if len(keys) >= MOST_KEYS:
            continue
        kid = KeyID(row.kid)
        try:
            keys[kid] = StoredKey(kid, PublicKey.from_jwk(row.public_jwk), row.expires_at)
        except (ValueError, AttributeError):  # altered by hand: the others must go on working
            logger.exception("The key %s of a client has no usable public JWK.", row.pk)
    return found
