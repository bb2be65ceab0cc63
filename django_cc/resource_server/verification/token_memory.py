"""Keep something about tokens, bounded in number, without keeping the tokens."""

import hashlib
from collections import OrderedDict
from contextlib import suppress
from typing import Generic, TypeVar

_Known = TypeVar("_Known")


class TokenMemory(Generic[_Known]):
    """What one process knows of tokens, by SHA-256: no token can be read out of it.

    When it is full, what was added first leaves: tokens live equally long or nearly so, so that
    is also what ends first. There is no lock: what another thread took out meanwhile is forgotten.
    """

    def __init__(self, most: int) -> None:
        """Keep something of at most `most` tokens; 0 for nothing at all."""
        self._most = most
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    def find(self, token: str) -> _Known | None:
        """Return what is known of `token`, if anything."""
        return self._known.get(_digest(token))

    def add(self, token: str, known: _Known) -> None:
        """Keep `known` in the place of what was known before."""
        if not self._most:
            return
        digest = _digest(token)
        with suppress(KeyError):
            self._known.pop(digest, None)  # so that it comes last
            self._known[digest] = known
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
