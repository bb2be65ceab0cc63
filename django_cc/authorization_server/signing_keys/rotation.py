"""Have signing keys follow one another."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.signing_keys.encryption import EncryptionKeyError
from django_cc.authorization_server.signing_keys.key_ring import (
    NoSigningKeyError,
    get_signing_algorithm,
    read_private_key,
)
from django_cc.authorization_server.signing_keys.life_cycle import (
    KeyChangeRefused,
    State,
    activate,
    announce_rotation,
    begin_retirement,
    create_key,
    find_key,
    refuse_where_keys_are_configured,
)
from django_cc.authorization_server.signing_keys.retirement import retire_what_has_ended
from django_cc.authorization_server.signing_keys.schedule import get_ready_at, is_due, is_ready
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.snapshot.snapshot import CurrentKey
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import SigningKey
from django_cc.protocol.names import KeyID, SigningAlgorithm


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What `rotate_if_due` found and did.

    Attributes:
        current: the key that signs now.
        replaced: the one it replaced just now, if any.
        upcoming: the Next key.
        ended: keys that were retired, or that no longer sign because of another algorithm.
    """

    current: SigningKey
    replaced: SigningKey | None
    upcoming: SigningKey
    ended: tuple[SigningKey, ...]


def ensure_signing_key(actor: Actor) -> tuple[SigningKey, bool]:
    """Return the Current key of `SIGNING_ALGORITHM`, made now if there is none.

    Beside it there is a Next key afterwards. Idempotent, also when several processes start at
    once: they wait for one another.

    Returns:
        The key, and whether it is new.

    Raises:
        KeysComeFromSettings: no key of the database signs.
        KeyChangeRefused: a private key cannot be read.
        EncryptionKeyError: there is nothing to encrypt with.
    """
    refuse_where_keys_are_configured()
    algorithm = get_signing_algorithm()
    with transaction.atomic(using=get_database()):
        lock_revision()
        current = find_key(State.CURRENT, algorithm)
        upcoming = find_key(State.NEXT, algorithm)
        found = current or upcoming
        if found is not None:
            _require_usable(found)  # say now what requests would find out
        if current is not None and upcoming is not None:
            return current, False
        if current is None and upcoming is not None:
            activate(upcoming, actor, replaced=None)
        key = found or create_key(State.CURRENT, algorithm, actor)
        create_key(State.NEXT, algorithm, actor)
        publish()
        if current is None and upcoming is not None:
            announce_rotation(key, None, actor)
    return key, found is None


def rotate_signing_key(actor: Actor, *, skip_wait: bool = False) -> Upkeep:
    """Have the Next key sign, the Current one verify only, and make a new Next key.

    Args:
        actor: who asks for it.
        skip_wait: rotate although APIs may not have seen the Next key yet; where there is none,
            one is made.

    Raises:
        KeyChangeRefused: no Current or Next key, the Next one was not published for long enough
            or cannot be read, or another rotation came first.
        EncryptionKeyError: there is nothing to encrypt with.
    """
    refuse_where_keys_are_configured()
    algorithm = get_signing_algorithm()
    seen = find_key(State.CURRENT, algorithm)
    with transaction.atomic(using=get_database()):
        lock_revision()
        current = _require_current(algorithm)
        if seen is not None and seen.kid != current.kid:
            raise KeyChangeRefused(f"Another rotation came first: {current.kid} signs now.")
        upcoming = find_key(State.NEXT, algorithm)
        if upcoming is None and skip_wait:
            upcoming = create_key(State.NEXT, algorithm, actor)
        if upcoming is None:
            raise KeyChangeRefused("There is no Next key: cc_signing_key ensure makes one.")
        if not skip_wait:
            _require_ready(upcoming)
        ended = retire_what_has_ended(current, actor)
        new = _rotate(current, upcoming, actor)
        publish()
        announce_rotation(upcoming, current, actor)
    return Upkeep(upcoming, current, new, ended)


def rotate_if_due(actor: Actor) -> Upkeep:
    """Do what time asks for, and nothing otherwise: the line for cron.

    Retires what has ended, makes a missing Next key, and rotates where the Current key has signed
    for `SIGNING_KEY_ROTATION` and the Next one is ready.

    Raises:
        KeyChangeRefused: there is no Current key, or the Next one cannot be read.
        EncryptionKeyError: there is nothing to encrypt with.
    """
    refuse_where_keys_are_configured()
    algorithm = get_signing_algorithm()
    with transaction.atomic(using=get_database()):
        lock_revision()
        current = _require_current(algorithm)
        ended = retire_what_has_ended(current, actor)
        found = find_key(State.NEXT, algorithm)
        upcoming = found or create_key(State.NEXT, algorithm, actor)
        upkeep = Upkeep(current, None, upcoming, ended)
        if is_due(current) and is_ready(upcoming):
            upkeep = Upkeep(upcoming, current, _rotate(current, upcoming, actor), ended)
        if ended or found is None or upkeep.replaced:
            publish()
        if upkeep.replaced:
            announce_rotation(upkeep.current, upkeep.replaced, actor)
    return upkeep


def _rotate(current: SigningKey, upcoming: SigningKey, actor: Actor) -> SigningKey:
    # The Current key is not decrypted: that it can no longer be is a reason to rotate.
    _require_usable(upcoming)
    begin_retirement(current, actor, now=timezone.now())
    activate(upcoming, actor, replaced=current)
    return create_key(State.NEXT, SigningAlgorithm(upcoming.algorithm), actor)


def _require_current(algorithm: SigningAlgorithm) -> SigningKey:
    current = find_key(State.CURRENT, algorithm)
    if current is None:
        text = f"There is no {algorithm} key that signs: cc_signing_key ensure makes one."
        raise KeyChangeRefused(text)
    return current


def _require_ready(upcoming: SigningKey) -> None:
    if is_ready(upcoming):
        return
    text = (
        f"The Next key {upcoming.kid} will be ready at {write_timestamp(get_ready_at(upcoming))}: "
        "until then APIs may not have seen it. “cc_signing_key rotate --now” does not wait."
    )
    if upcoming.created_at > timezone.now():
        made_at = write_timestamp(upcoming.created_at)
        text += f" It was made at {made_at}, in the future: was the clock set back?"
    raise KeyChangeRefused(text)


def _require_usable(key: SigningKey) -> None:
    stored = CurrentKey(
        KeyID(key.kid), SigningAlgorithm(key.algorithm), bytes(key.encrypted_private_key)
    )
    text = f"The private half of {key.kid} cannot be used:"
    try:
        read_private_key(stored)
    except EncryptionKeyError as error:  # which says what to do
        raise KeyChangeRefused(f"{text} {error}") from None
    except NoSigningKeyError as error:
        way_out = "“cc_signing_key compromise” replaces it."
        raise KeyChangeRefused(f"{text} {error} {way_out}") from None
