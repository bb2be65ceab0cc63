"""Let a long command finish what it is at when it is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether the command was told to stop.

    Attributes:
        signal: the signal that told it, or None.
    """

    def __init__(self) -> None:
        """Begin untold."""
        self.signal: signal.Signals | None = None

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Receive a signal; a second one ends the process as if nobody had listened."""
        self.signal = signal.Signals(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def noticing_interruption() -> Iterator[Interruption]:
    """Turn Ctrl-C and SIGTERM into a note for as long as the context lasts.

    Only the main thread of a process is told of signals; elsewhere the note stays empty.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    before = {number: signal.signal(number, interruption.note) for number in _SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
