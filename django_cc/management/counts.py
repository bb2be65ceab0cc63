"""Numbers as people type them."""

import argparse
from collections.abc import Callable


def read_count(*, most: int) -> Callable[[str], int]:
    """Return a function that reads a number from 1 to `most` for argparse.

    It raises argparse.ArgumentTypeError with the bounds for anything else.
    """

    def read(text: str) -> int:
        if text.isascii() and text.isdecimal() and len(text) <= len(str(most)):
            count = int(text)
            if 1 <= count <= most:
                return count
        raise argparse.ArgumentTypeError(f"“{text}” does not fit: write a number from 1 to {most}.")

    return read
