"""Encrypt private signing keys anew after the encryption keys changed."""

from django.db import transaction

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signing_keys.encryption import (
    EncryptionKeyError,
    decrypt,
    encrypt,
)
from django_cc.authorization_server.signing_keys.life_cycle import KeyChangeRefused, State
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, SigningKey


def rewrap_keys(actor: Actor) -> int:
    """Encrypt every private half with the first of `KEY_ENCRYPTION_KEYS`.

    Afterwards the other encryption keys can be taken out of the setting.

    Returns:
        How many keys were encrypted anew.

    Raises:
        KeyChangeRefused: one cannot be decrypted; nothing is changed.
        EncryptionKeyError: there is nothing to encrypt with.
    """
    encrypt(b"")  # where no encryption key is usable, no signing key is at fault
    with transaction.atomic(using=get_database()):
        lock_revision()
        keys = list(SigningKey.objects.using(get_database()).exclude(state=State.RETIRED))
        for key in keys:
            key.encrypted_private_key = encrypt(_decrypt(key))
        if keys:
            SigningKey.objects.using(get_database()).bulk_update(keys, ["encrypted_private_key"])
            event = AuditEvent.Event.SIGNING_KEYS_REWRAPPED
            trail.record(event, actor, detail=", ".join(key.kid for key in keys))
            publish()
    return len(keys)


def _decrypt(key: SigningKey) -> bytes:
    try:
        return decrypt(bytes(key.encrypted_private_key))
    except EncryptionKeyError:
        raise KeyChangeRefused(
            f"No key in KEY_ENCRYPTION_KEYS decrypts {key.kid} ({key.state}); nothing is changed. "
            "Put back the encryption key it was encrypted with. Where that is lost, "
            f"{_WAY_OUT[State(key.state)].format(kid=key.kid)}"
        ) from None


_WAY_OUT = {
    State.NEXT: "“cc_signing_key retire {kid}” discards it.",
    State.CURRENT: (
        "“cc_signing_key compromise” replaces it: the tokens it signed are refused then."
    ),
    State.RETIRING: (
        "“cc_signing_key retire --force {kid}” discards it: the tokens it signed are refused then."
    ),
}
