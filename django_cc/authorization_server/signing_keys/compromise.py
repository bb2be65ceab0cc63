"""Replace signing keys that got into wrong hands, or that nobody can decrypt."""

from dataclasses import dataclass

from django.db import transaction

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_reason
from django_cc.authorization_server.signing_keys.key_ring import get_signing_algorithm
from django_cc.authorization_server.signing_keys.life_cycle import (
    State,
    announce_rotation,
    create_key,
    refuse_where_keys_are_configured,
    retire,
)
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.models import AuditEvent, SigningKey
from django_cc.protocol.names import SigningAlgorithm


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a compromise led to.

    Attributes:
        current: the key that signs now.
        upcoming: the Next key.
        discarded: the keys whose tokens are refused from now on.
        kept: how many others go on verifying.
    """

    current: SigningKey
    upcoming: SigningKey
    discarded: tuple[SigningKey, ...]
    kept: int


def replace_compromised_keys(
    actor: Actor, *, everything: bool = False, reason: str = ""
) -> Replacement:
    """Discard the Current and the Next key of `SIGNING_ALGORITHM`, and make new ones.

    The old ones are unpublished at once and their private halves destroyed. They need not be
    decrypted: this is also the way out when the encryption keys are lost.

    Args:
        actor: who asks for it.
        everything: discard Retiring keys and those of other algorithms too: where the database
            and an encryption key got into wrong hands.
        reason: kept in the audit trail.

    Raises:
        ValidationError: the reason cannot be kept.
        KeysComeFromSettings: no key of the database signs.
        EncryptionKeyError: there is nothing to encrypt the new keys with.
    """
    refuse_where_keys_are_configured()
    algorithm = get_signing_algorithm()
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        lock_revision()
        alive = SigningKey.objects.using(get_database()).exclude(state=State.RETIRED)
        chosen = alive if everything else alive.filter(algorithm=algorithm)
        if not everything:
            chosen = chosen.filter(state__in=[State.CURRENT, State.NEXT])
        discarded = tuple(chosen.order_by("created_at", "pk"))
        replaced = next((key for key in discarded if _signs(key, algorithm)), None)
        for key in discarded:
            event = AuditEvent.Event.SIGNING_KEY_COMPROMISED
            retire(key, actor, event=event, reason=reason)
        kept = alive.count()
        current = create_key(State.CURRENT, algorithm, actor)
        upcoming = create_key(State.NEXT, algorithm, actor)
        publish()
        announce_rotation(current, replaced, actor)
    return Replacement(current, upcoming, discarded, kept)


def _signs(key: SigningKey, algorithm: SigningAlgorithm) -> bool:
    return key.state == State.CURRENT and key.algorithm == algorithm
