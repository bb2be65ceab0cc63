"""The JWK Set we publish (RFC 7517 §5)."""

import json

from django_cc.authorization_server.signing_keys.key_ring import require_usable_configuration
from django_cc.authorization_server.snapshot.snapshot import Snapshot


def write_jwk_set(snapshot: Snapshot) -> bytes:
    """Return the document: public halves only, of all keys that sign, will sign or have signed.

    Raises:
        NoSigningKeyError: a key of the settings is missing from it: whoever fetched the rest
            would drop that key.
    """
    require_usable_configuration()
    return json.dumps({"keys": list(snapshot.published_jwks)}).encode()
