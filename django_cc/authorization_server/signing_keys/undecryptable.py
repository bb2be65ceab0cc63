"""Tell which signing keys no encryption key decrypts, and what to do about each."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.configured_keys import are_keys_configured
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError, decrypt
from django_cc.authorization_server.signing_keys.key_ring import get_signing_algorithm
from django_cc.models import SigningKey

State = SigningKey.State

_NOBODY_SIGNS: Final = _(
    "cannot be decrypted with KEY_ENCRYPTION_KEYS: no token can be signed. Put the key back, or "
    "run cc_signing_key compromise"
)
_NOT_IN_USE: Final = _(
    "cannot be decrypted with KEY_ENCRYPTION_KEYS: it is not in use, but could not sign again"
)
_OF_STATE: Final[Mapping[str, object]] = {
    State.NEXT: _(
        "cannot be decrypted with KEY_ENCRYPTION_KEYS: it will not be able to sign. Put the key "
        "back, or run cc_signing_key retire and then ensure"
    ),
    State.RETIRING: _(
        "cannot be decrypted with KEY_ENCRYPTION_KEYS: it goes on verifying, which is all it does"
    ),
}


def list_undecryptable() -> Mapping[str, str]:
    """Return what is to be said of each key that cannot be decrypted, by key ID; one query.

    None where keys come from the settings: those of the database do not sign then.
    """
    return {key.kid: _describe(key) for key in _find()}


def find_signing_problem() -> str:
    """Return why the Current key of the database cannot sign; empty where it can."""
    signing = (key for key in _find() if _signs(key))
    return next((f"{key.kid} {_describe(key)}." for key in signing), "")


def _find() -> list[SigningKey]:
    if are_keys_configured():
        return []
    rows = SigningKey.objects.using(get_database()).exclude(state=State.RETIRED)
    fields = rows.only("kid", "algorithm", "state", "encrypted_private_key")
    return [key for key in fields.order_by("pk") if not _can_be_decrypted(key)]


def _can_be_decrypted(key: SigningKey) -> bool:
    try:
        decrypt(bytes(key.encrypted_private_key))
    except EncryptionKeyError:
        return False
    return True


def _signs(key: SigningKey) -> bool:
    return key.state == State.CURRENT and key.algorithm == get_signing_algorithm()


def _describe(key: SigningKey) -> str:
    if key.state == State.CURRENT:
        return str(_NOBODY_SIGNS if _signs(key) else _NOT_IN_USE)
    return str(_OF_STATE[key.state])
