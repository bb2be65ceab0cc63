"""Say now and then how far a long command is."""

import time

from django.core.management.base import OutputWrapper

_SECONDS_BETWEEN_WORDS = {True: 1.0, False: 10.0}  # on a terminal, in a log


class Progress:
    """Writes a line every second to a terminal, every ten seconds to a log."""

    def __init__(self, stream: OutputWrapper) -> None:
        """Write to `stream`, usually standard error."""
        self._stream = stream
        self._pause = _SECONDS_BETWEEN_WORDS[stream.isatty()]
        self._said_at = time.monotonic()

    def note(self, text: str) -> None:
        """Write `text`, if it is time to."""
        if time.monotonic() - self._said_at >= self._pause:
            self._stream.write(text, style_func=str)  # not in red
            self._said_at = time.monotonic()
