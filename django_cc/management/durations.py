"""Durations as people type them: 30m, 24h, 7d, or 0."""

import argparse
import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})([smhd])")


def read_duration(text: str) -> timedelta:
    """Read a duration for argparse.

    Raises:
        argparse.ArgumentTypeError: it is none; the message shows what one looks like.
    """
    if text == "0":
        return timedelta(0)
    match = _DURATION.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"“{text}” is no duration: write 30m, 24h, 7d, or 0.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
