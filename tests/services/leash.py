"""Processes that do not outlive the one that started them, however that one ends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Its standard input ends when the process does that holds the other end.
_WATCH = """
import os, sys
number, *pids = map(int, sys.argv[1:])
sys.stdin.read()
for pid in pids:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
"""


@contextmanager
def leash(signal_number: int, *pids: int) -> Iterator[None]:
    """Send a signal to `pids` should this process end while the context lasts.

    pytest-xdist kills its workers when a run is interrupted: they clean nothing up.
    """
    command = [sys.executable, "-I", "-c", _WATCH, str(signal_number), *map(str, pids)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watcher:
        try:
            yield
        finally:
            watcher.kill()
