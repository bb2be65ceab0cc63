"""Tell whether a program has moved from a replaced secret to the one that follows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django_cc.authorization_server.clients.secrets import LONGEST_OVERLAP
from django_cc.authorization_server.recording import FLUSH_INTERVAL
from django_cc.authorization_server.usage.buffer import LAST_USED_RESOLUTION
from django_cc.models import ClientSecret

# A use is noted once a minute, and written within a flush interval; the second is for one that
# came late.
KNOWN_AFTER = LAST_USED_RESOLUTION + 2 * timedelta(seconds=FLUSH_INTERVAL)


class Move(StrEnum):
    """How far the move to the new secret is."""

    STILL_USED = "still_used"
    NOT_KNOWN_YET = "not_known_yet"
    SAFE_TO_REVOKE = "safe_to_revoke"


@dataclass(frozen=True, slots=True)
class Succession:
    """A live secret, the younger one that takes its place, and what is known of the move.

    Attributes:
        old: works until its end.
        new: the first live one after it.
        move: whether the old one has been used since the new one is there.
    """

    old: ClientSecret
    new: ClientSecret
    move: Move


def find_successions(secrets: Sequence[ClientSecret], *, now: datetime) -> list[Succession]:
    """Return the live secrets of one client that another one replaces, the oldest first.

    Replaced is what ends within the longest overlap of the creation of a younger one, whether by
    a rotation or because somebody created the younger one for an end that was near.

    Args:
        secrets: all of the client.
        now: aware UTC.
    """
    live = sorted(
        (one for one in secrets if one.is_live(now)), key=lambda one: (one.created_at, one.pk)
    )
    return [
        Succession(old, new, _judge(old, new, now))
        for number, old in enumerate(live)
        if (new := _find_successor(old, live[number + 1 :])) is not None
    ]


def _find_successor(old: ClientSecret, younger: Sequence[ClientSecret]) -> ClientSecret | None:
    for new in younger:
        ends_soon = old.expires_at and old.expires_at <= new.created_at + LONGEST_OVERLAP
        if ends_soon and _outlives(new, old):
            return new
    return None


def _outlives(new: ClientSecret, old: ClientSecret) -> bool:
    return new.expires_at is None or (
        old.expires_at is not None and new.expires_at > old.expires_at
    )


def _judge(old: ClientSecret, new: ClientSecret, now: datetime) -> Move:
    # Within a minute of a use that was noted, others are not: one after the creation may hide.
    if old.last_used_at is not None and old.last_used_at + LAST_USED_RESOLUTION > new.created_at:
        return Move.STILL_USED
    if now < new.created_at + KNOWN_AFTER:
        return Move.NOT_KNOWN_YET
    return Move.SAFE_TO_REVOKE
