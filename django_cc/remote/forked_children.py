"""Have things that no fork carries over start anew in a forked child: locks, connections."""

import os
from typing import Protocol
from weakref import WeakSet


class StartsAnew(Protocol):
    """Something with a state that belongs to one process."""

    def start_anew(self) -> None:
        """Begin as if just made, keeping what is only knowledge."""
        ...


_things: WeakSet[StartsAnew] = WeakSet()


def start_anew_in_children(thing: StartsAnew) -> None:
    """Call `thing.start_anew()` in each child that is forked while `thing` lives."""
    _things.add(thing)


def _start_all_anew() -> None:
    for thing in list(_things):
        thing.start_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_all_anew)
