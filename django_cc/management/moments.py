"""Points in time as people type them: so long ago, or a date."""

import argparse
from datetime import UTC, datetime

from django.utils import timezone

from django_cc.management.durations import read_duration


def read_moment(text: str) -> datetime:
    """Read a point in time for argparse: `7d` is seven days ago, the rest is ISO 8601.

    A date is its first moment; where no offset is given, the time is in `TIME_ZONE`.

    Returns:
        The time, aware, in UTC.

    Raises:
        argparse.ArgumentTypeError: it is none; the message shows what one looks like.
    """
    try:
        return timezone.now() - read_duration(text)
    except (argparse.ArgumentTypeError, OverflowError):
        pass
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else timezone.make_aware(time)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no time: write 24h, 7d, 2026-01-31 or 2026-01-31T18:00+00:00."
        ) from None
