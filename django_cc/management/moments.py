"""Moments as people type them: 2027-01-31, 2027-01-31T18:00, 2027-01-31T18:00+01:00."""

import argparse
from datetime import UTC, datetime


def read_moment(text: str) -> datetime:
    """Read a date or time in ISO 8601 for argparse; in UTC where it names no zone, as we print it.

    Raises:
        argparse.ArgumentTypeError: it is none; the message shows what one looks like.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: beyond the year 9999 in UTC
        problem = f"“{text}” is no time: write 2027-01-31 or 2027-01-31T18:00+01:00."
        raise argparse.ArgumentTypeError(problem) from None
