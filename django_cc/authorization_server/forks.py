"""Notice that this process is a forked child: what its parent's threads held is not its own.

Python tells it after `os.fork()`. A server that forks in C may leave that out, as uWSGI does
unless it is told `py-call-osafterfork`: there, the first request of the child notices.
"""

import os
from collections.abc import Callable

_forgetting: list[Callable[[], None]] = []
_known = [os.getpid()]


def after_fork(forget: Callable[[], None]) -> None:
    """Have `forget` called once in every child, before anything else of ours is done there."""
    _forgetting.append(forget)


def notice_fork() -> None:
    """Do what a child has to do first, if this is one and has not done it yet."""
    if os.getpid() != _known[0]:
        _begin_anew()


def _begin_anew() -> None:
    _known[0] = os.getpid()
    for forget in _forgetting:
        forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
