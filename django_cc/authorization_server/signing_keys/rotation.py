"""Make signing keys."""

from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server import audit
from django_cc.authorization_server.audit import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.encryption import decrypt, encrypt
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm


def ensure_signing_key(actor: Actor) -> tuple[SigningKey, bool]:
    """Return the current key of `SIGNING_ALGORITHM`, made now if there is none.

    Idempotent, also when several processes start at once: they wait for one another.

    Returns:
        The key, and whether it is new.

    Raises:
        EncryptionKeyError: a new one could not be encrypted, or the current one be decrypted.
    """
    algorithm = SigningAlgorithm(get_settings().signing_algorithm)
    with transaction.atomic(using=get_database()):
        lock_revision()
        rows = SigningKey.objects.filter(state=SigningKey.State.CURRENT, algorithm=algorithm)
        current = rows.first()
        if current is not None:
            decrypt(bytes(current.encrypted_private_key))  # say now what requests would find out
            return current, False
        key = _create_current_key(algorithm)
        audit.record(AuditEvent.Event.SIGNING_KEY_CREATED, actor, detail=key.kid)
        publish()
    return key, True


def _create_current_key(algorithm: SigningAlgorithm) -> SigningKey:
    private_key = PrivateKey.generate(algorithm)
    public_jwk = private_key.public_jwk()
    return SigningKey.objects.create(
        kid=public_jwk["kid"],
        algorithm=algorithm,
        public_jwk=public_jwk,
        encrypted_private_key=encrypt(private_key.to_pem()),
        state=SigningKey.State.CURRENT,
        activated_at=timezone.now(),
    )
