"""End the use of signing keys."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from django_cc.authorization_server.audit.trail import Actor
from django_cc.authorization_server.configured_keys import are_keys_configured
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.one_line import clean_reason
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.key_ring import get_signing_algorithm
from django_cc.authorization_server.signing_keys.life_cycle import (
    KeyChangeRefused,
    State,
    begin_retirement,
    retire,
)
from django_cc.authorization_server.signing_keys.schedule import get_signing_since
from django_cc.authorization_server.snapshot.revision import lock_revision, publish
from django_cc.authorization_server.timestamps import write_timestamp
from django_cc.models import SigningKey


def retire_key(kid: str, actor: Actor, *, force: bool = False, reason: str = "") -> SigningKey:
    """Retire a key that signs no more, or a Next one that never did.

    A Current key that is not in use, because another algorithm or the settings are, becomes
    Retiring first. One that is retired already is left as it is.

    Args:
        kid: of the key.
        actor: who asks for it.
        force: do not wait for its last token to expire.
        reason: kept in the audit trail.

    Returns:
        The key: Retired, or Retiring where it has to go that way first.

    Raises:
        ValidationError: the reason cannot be kept.
        KeyChangeRefused: no such key, it signs, or tokens it signed may still live.
    """
    reason = clean_reason(reason)
    with transaction.atomic(using=get_database()):
        lock_revision()
        key = SigningKey.objects.using(get_database()).filter(kid=kid).first()
        if key is None:
            raise KeyChangeRefused(f"There is no key “{kid}”: see cc_signing_key list.")
        if key.state == State.RETIRED:
            return key
        _require_unused(key)
        if key.state == State.CURRENT and not force:
            begin_retirement(key, actor, now=timezone.now(), reason=reason)
        else:
            _require_ended(key, force=force)
            retire(key, actor, reason=reason)
        publish()
    return key


def retire_what_has_ended(current: SigningKey, actor: Actor) -> tuple[SigningKey, ...]:
    """Retire every Retiring key whose last token has expired, and the keys of another algorithm.

    After a change of `SIGNING_ALGORITHM` the Current key of the old one is kept for
    `NEXT_KEY_LEAD`, for processes that have not got the new settings; then it becomes Retiring,
    and the Next one beside it is retired.

    Args:
        current: the key that signs.
        actor: who asks for it.

    Returns:
        The keys whose state changed.
    """
    now = timezone.now()
    rows = SigningKey.objects.using(get_database())
    ended = list(rows.filter(state=State.RETIRING, verifies_until__lte=now))
    for key in ended:
        retire(key, actor)
    if get_signing_since(current) + get_settings().next_key_lead <= now:
        ended += _retire_other_algorithms(current, actor, now=now)
    return tuple(ended)


def _retire_other_algorithms(
    current: SigningKey, actor: Actor, *, now: datetime
) -> list[SigningKey]:
    rows = SigningKey.objects.using(get_database()).exclude(algorithm=current.algorithm)
    outdated = list(rows.filter(state=State.CURRENT))
    # A Next key without a Current one was published ahead of a change that is still to come.
    algorithms = [key.algorithm for key in outdated]
    upcoming = list(rows.filter(state=State.NEXT, algorithm__in=algorithms))
    for key in outdated:
        begin_retirement(key, actor, now=now)
    for key in upcoming:
        retire(key, actor)
    return [*outdated, *upcoming]


def _require_unused(key: SigningKey) -> None:
    if key.state != State.CURRENT or are_keys_configured():
        return
    if key.algorithm == get_signing_algorithm():
        raise KeyChangeRefused(
            f"The key {key.kid} signs. “cc_signing_key rotate” has the next one sign in its "
            "place; where it got into wrong hands, “cc_signing_key compromise” discards it."
        )


def _require_ended(key: SigningKey, *, force: bool) -> None:
    if force or key.state != State.RETIRING:
        return
    end = key.verifies_until
    if end is None or end > timezone.now():
        until = f"until {write_timestamp(end)}" if end else "for a time that is not known"
        raise KeyChangeRefused(
            f"Tokens that {key.kid} signed may live {until}. --force does not wait: they are "
            "refused from then on."
        )
