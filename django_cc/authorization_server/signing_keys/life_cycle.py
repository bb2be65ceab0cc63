"""The steps in the life of a key: Next, Current, Retiring, Retired.

Each function takes one step with one row and tells the audit trail. Callers hold the lock on the
revision and publish.
"""

from datetime import datetime

from django.utils import timezone

from django_cc.authorization_server.audit import trail
from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.configured_keys import are_keys_configured
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signals import announce, signing_key_rotated
from django_cc.authorization_server.signing_keys.encryption import encrypt
from django_cc.authorization_server.signing_keys.key_ring import get_signing_algorithm
from django_cc.authorization_server.signing_keys.schedule import get_last_expiry
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import SigningAlgorithm

State = SigningKey.State


class KeyChangeRefused(Exception):
    """The keys are not in a state for this change; the message says what to do."""


class KeysComeFromSettings(KeyChangeRefused):
    """No key of the database signs, so there is none to make or to rotate."""


def refuse_where_keys_are_configured() -> None:
    """Leave keys of the settings to whoever edits the settings.

    Raises:
        KeysComeFromSettings: `SIGNING_KEYS` is set.
    """
    if are_keys_configured():
        raise KeysComeFromSettings(
            'The signing keys come from DJANGO_CC["SIGNING_KEYS"]. To rotate, add a new key behind '
            "the others and deploy: it is published. After NEXT_KEY_LEAD move it to the front: "
            "it signs. Take the old one out when the last token it signed has expired. A "
            "compromised key is taken out at once."
        )


def find_key(state: State, algorithm: SigningAlgorithm) -> SigningKey | None:
    """Return the Next or the Current key of an algorithm."""
    rows = SigningKey.objects.using(get_database())
    return rows.filter(state=state, algorithm=algorithm).first()


def has_signing_key() -> bool:
    """Tell whether there is a key to sign with, here or in the settings; not whether it works."""
    return are_keys_configured() or find_key(State.CURRENT, get_signing_algorithm()) is not None


def create_key(state: State, algorithm: SigningAlgorithm, actor: Actor) -> SigningKey:
    """Make a Next or a Current key.

    Raises:
        EncryptionKeyError: it could not be encrypted.
    """
    private_key = _generate(algorithm)
    now = timezone.now()
    public_jwk = private_key.public_jwk()
    key = SigningKey.objects.using(get_database()).create(
        kid=public_jwk["kid"],
        algorithm=algorithm,
        public_jwk=public_jwk,
        encrypted_private_key=encrypt(private_key.to_pem()),
        state=state,
        created_at=now,
        activated_at=now if state == State.CURRENT else None,
    )
    detail = f"{key.kid} ({algorithm}, {state.value})"
    trail.record(AuditEvent.Event.SIGNING_KEY_CREATED, actor, detail=detail)
    return key


def activate(upcoming: SigningKey, actor: Actor, *, replaced: SigningKey | None) -> None:
    """Have a Next key sign; the one it replaces no longer does."""
    upcoming.state, upcoming.activated_at = State.CURRENT, timezone.now()
    upcoming.save(using=get_database(), update_fields=["state", "activated_at"])
    detail = f"{upcoming.kid} replaces {replaced.kid}" if replaced else f"{upcoming.kid} signs"
    trail.record(AuditEvent.Event.SIGNING_KEY_ROTATED, actor, detail=detail)


def announce_rotation(current: SigningKey, replaced: SigningKey | None, actor: Actor) -> None:
    """Tell whoever listens that another key signs now, on commit."""
    announce(signing_key_rotated, SigningKey, current=current, replaced=replaced, actor=actor)


def begin_retirement(current: SigningKey, actor: Actor, *, now: datetime, reason: str = "") -> None:
    """Have a Current key sign no more, and verify until its last token has expired."""
    current.state, current.retiring_at = State.RETIRING, now
    current.verifies_until = get_last_expiry(current, now=now)
    current.save(using=get_database(), update_fields=["state", "retiring_at", "verifies_until"])
    detail = f"{current.kid} verifies until {write_timestamp(current.verifies_until)}"
    trail.record(AuditEvent.Event.SIGNING_KEY_RETIRING, actor, detail=detail, reason=reason)


def retire(
    key: SigningKey, actor: Actor, *, event: AuditEvent.Event | None = None, reason: str = ""
) -> None:
    """Unpublish a key and destroy its private half."""
    was = key.state
    key.state, key.retired_at, key.encrypted_private_key = State.RETIRED, timezone.now(), b""
    fields = ["state", "retired_at", "encrypted_private_key"]
    key.save(using=get_database(), update_fields=fields)
    event = event or AuditEvent.Event.SIGNING_KEY_RETIRED
    detail = f"{key.kid} ({key.algorithm}, {was})"
    trail.record(event, actor, detail=detail, reason=reason)


def _generate(algorithm: SigningAlgorithm) -> PrivateKey:
    while True:
        private_key = PrivateKey.generate(algorithm)
        # A command line would take a kid that begins with a dash for an option.
        if not private_key.public_jwk()["kid"].startswith("-"):
            return private_key
