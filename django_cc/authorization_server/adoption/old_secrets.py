"""Check secrets that are still kept as the toolkit's password hashes, within limits.

Such a check costs a quarter of a second of a processor, on purpose. So failures are looked at
before the hash, and few hashes run at once. That an answer takes so long tells that a client has
an old hash: the one exception to equal times (docs/decisions/0040).
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django_cc.authorization_server.adoption.rehashing import rehash
from django_cc.authorization_server.client_address import find_host
from django_cc.authorization_server.clients.secret_format import looks_like_secret
from django_cc.authorization_server.minute_counter import minute_counter
from django_cc.authorization_server.toolkit.adoption_secrets import (
    has_generated_shape,
    matches_old_hash,
)
from django_cc.models.client_secret import TOOLKIT_MARKER
from django_cc.protocol.client import Client, StoredSecret
from django_cc.protocol.errors import RefusalReason, SecretNotChecked, TemporarilyUnavailable
from django_cc.protocol.secret_text import SecretText

MOST_FAILURES_OF_A_HOST = 10  # old hashes that did not match, in a minute
MOST_FAILURES_OF_A_CLIENT = 60  # likewise, from wherever
MOST_AT_ONCE = 2  # in one process
_RETRY_AFTER = 1  # seconds; a check takes a quarter of one


class _Room:
    """How many checks may run at once in this process."""

    def __init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """Begin with nobody in it, as a forked child must."""
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    @contextmanager
    def place(self) -> Iterator[None]:
        # Nobody waits: who waits holds a thread, and a flood would hold them all.
        places = self._places
        if not places.acquire(blocking=False):
            raise TemporarilyUnavailable(
                "The server cannot answer right now: try again.",
                retry_after=_RETRY_AFTER,
                reason=RefusalReason.OLD_SECRET_NOT_CHECKED,
            )
        try:
            yield
        finally:
            places.release()


_room = _Room()


@dataclass(frozen=True, slots=True)
class OldSecretVerifier:
    """The `ForeignSecretVerifier` for what the toolkit hashed.

    Attributes:
        address: where the request comes from, if that can be told.
    """

    address: str | None

    def find_match(
        self, secret: SecretText, client: Client, stored: Sequence[StoredSecret], *, now: datetime
    ) -> StoredSecret | None:
        """Return the one that matches; where our own digest is right for it, under that.

        Raises:
            SecretNotChecked: too many failed this minute, of this host or for this client.
            TemporarilyUnavailable: too many are being checked.
        """
        if looks_like_secret(secret):  # one of ours, and no hash of the toolkit's is of such
            return None
        try:
            self._require_few_failures(client, now)
            with _room.place():
                match = _find(secret, stored)
        except TemporarilyUnavailable as refusal:
            refusal.client_id = client.client_id
            raise
        if match is None:
            self._count_failure(client, now)
            return None
        if not has_generated_shape(secret):
            return match
        return rehash(match, secret, client.client_id, address=self.address, now=now)

    def _require_few_failures(self, client: Client, now: datetime) -> None:
        for name, limit in self._limits(client):
            wait = minute_counter.look(name, limit=limit, now=now)
            if wait is not None:
                raise SecretNotChecked(retry_after=wait)

    def _count_failure(self, client: Client, now: datetime) -> None:
        for name, limit in self._limits(client):
            minute_counter.count(name, limit=limit, now=now)

    def _limits(self, client: Client) -> tuple[tuple[str, int], ...]:
        return (
            (f"old_secret:{find_host(self.address)}", MOST_FAILURES_OF_A_HOST),
            (f"old_secret_of:{client.client_id}", MOST_FAILURES_OF_A_CLIENT),
        )


def _find(secret: SecretText, stored: Sequence[StoredSecret]) -> StoredSecret | None:
    for one in stored:
        is_old = one.digest.startswith(TOOLKIT_MARKER)
        if is_old and matches_old_hash(secret, one.digest.removeprefix(TOOLKIT_MARKER)):
            return one
    return None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_room.empty)
