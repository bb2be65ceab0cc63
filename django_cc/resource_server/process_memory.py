"""What a process learnt from others, and how a test begins without it.

Each role registers how it forgets; the testing kit has all of it forgotten. Nothing else does.
"""

from collections.abc import Callable

_forgetters: list[Callable[[], None]] = []


def register(forget: Callable[[], None]) -> None:
    """Have `forget` called when a test begins and ends; called when apps get ready."""
    _forgetters.append(forget)


def forget_all() -> None:
    """Know nothing again: no token, no key of an issuer, no snapshot of a database."""
    for forget in _forgetters:
        forget()
