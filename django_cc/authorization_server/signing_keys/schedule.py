"""When a key may sign, when it is due to be followed, and when its last token has expired."""

from datetime import datetime, timedelta

from django.utils import timezone

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import find_longest_token_lifetime
from django_cc.models import SigningKey

JWK_SET_MAX_AGE = timedelta(minutes=5)  # how long APIs and caches keep the published keys
_MOST_LEEWAY = timedelta(seconds=60)  # the bound of LEEWAY, wherever an API is


def get_ready_at(upcoming: SigningKey) -> datetime:
    """Return when everybody has seen a Next key published: from then on it may sign.

    The last process publishes it PROPAGATION_SECONDS after it was made, and what was fetched just
    before may be kept for as long as the JWK Set says.
    """
    settings = get_settings()
    seen = settings.propagation_seconds + JWK_SET_MAX_AGE
    return upcoming.created_at + max(seen, settings.next_key_lead)


def get_due_at(current: SigningKey) -> datetime | None:
    """Return when the Current key has signed for SIGNING_KEY_ROTATION; None for never."""
    rotation = get_settings().signing_key_rotation
    if rotation is None:
        return None
    try:
        return get_signing_since(current) + rotation
    except OverflowError:  # centuries
        return None


def get_signing_since(current: SigningKey) -> datetime:
    """Return since when a key signs."""
    return current.activated_at or current.created_at


def get_last_expiry(current: SigningKey, *, now: datetime) -> datetime:
    """Return when every token has expired everywhere that `current` signed, or signs yet.

    A process that lags signs with it for PROPAGATION_SECONDS more. A clock that was set back
    since the key began to sign does not shorten it. Lifetimes count as they are now: who makes a
    long one shorter lets it pass before the next rotation.
    """
    settings = get_settings()
    last_signature = max(now, get_signing_since(current)) + settings.propagation_seconds
    return last_signature + find_longest_token_lifetime() + _MOST_LEEWAY


def is_ready(upcoming: SigningKey) -> bool:
    """Tell whether a Next key may sign."""
    return get_ready_at(upcoming) <= timezone.now()


def is_due(current: SigningKey) -> bool:
    """Tell whether a Current key has signed long enough."""
    due_at = get_due_at(current)
    return due_at is not None and due_at <= timezone.now()
