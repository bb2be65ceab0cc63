"""Points in time as people type them: 2027-01-31, 2027-01-31T18:00+01:00, or so long ago."""

import argparse
from datetime import UTC, datetime

from django.utils import timezone

from django_cc.management.durations import read_duration


def read_moment(text: str) -> datetime:
    """Read a date or time in ISO 8601 for argparse; in UTC where it names no zone, as we print it.

    Returns:
        The time, aware, in UTC.

    Raises:
        argparse.ArgumentTypeError: it is none; the message shows what one looks like.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: beyond the year 9999 in UTC
        problem = f"“{text}” is no time: write 2027-01-31 or 2027-01-31T18:00+01:00."
        raise argparse.ArgumentTypeError(problem) from None


def read_past_moment(text: str) -> datetime:
    """Read a point in the past for argparse: `7d` is seven days ago, the rest as `read_moment()`.

    Raises:
        argparse.ArgumentTypeError: it is none; the message shows what one looks like.
    """
    try:
        return timezone.now() - read_duration(text)
    except (argparse.ArgumentTypeError, OverflowError):
        pass
    try:
        return read_moment(text)
    except argparse.ArgumentTypeError:
        problem = f"“{text}” is no time: write 7d for seven days ago, or 2027-01-31T18:00."
        raise argparse.ArgumentTypeError(problem) from None
