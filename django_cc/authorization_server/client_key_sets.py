"""The keys that clients publish by URL (`jwks_uri`), as this process has them.

Nobody is authenticated yet when they are needed. So whoever knows the ID of a client can have this
process ask that client's server, but no more than once in thirty seconds; all such questions
together are few at a time; and what is kept belongs to registered clients alone.
"""

import os
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from django_cc.authorization_server.settings import get_settings
from django_cc.protocol.client import Client, StoredKey
from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.names import KeyID
from django_cc.remote.bounded_work import Slots
from django_cc.remote.https import FetchPolicy, fetch_json
from django_cc.remote.json_response import FetchedDocument
from django_cc.remote.jwk_set import CachePolicy, KeysUnavailable, LastFetch, RemoteJWKSet

FETCH_TIMEOUT = timedelta(seconds=2)
MOST_PUBLISHED_KEYS = 20  # of one client
_MOST_SETS = 5000  # in memory; beyond that, the one that was not used for longest is forgotten
_MOST_FETCHES = 4  # at once
_MOST_READINGS = 2  # at once, for people who look at what a URL holds

_slots = Slots(_MOST_FETCHES)
_slots_of_people = Slots(_MOST_READINGS)
_policy = CachePolicy(most_keys=MOST_PUBLISHED_KEYS)


class ClientKeySets:
    """The JWK Sets of clients by URL; the `PublishedKeys` of the protocol."""

    _lock: threading.Lock

    def __init__(self) -> None:
        """Know none yet."""
        self.forget()

    def find_key(self, client: Client, kid: KeyID | None, *, now: datetime) -> StoredKey | None:
        """Return a key that the client publishes, or None where it publishes none of that ID.

        Raises:
            InvalidClient: its JWK Set cannot be had: told apart from an unknown client by the
                log alone.
        """
        try:
            key = self._get_set(client.jwks_uri, client.client_id).find_key(kid, now=now)
        except KeysUnavailable:
            raise InvalidClient(
                reason=RefusalReason.KEYS_UNAVAILABLE, client_id=client.client_id
            ) from None
        if key is None:
            return None
        return StoredKey(kid or key.to_jwk()["kid"], key, expires_at=None)

    def get_last_fetch(self, url: str) -> LastFetch | None:
        """Return how the last fetch of a URL went in this process, as far as there was one."""
        with self._lock:
            known = self._sets.get(url)
        return known.get_last_fetch() if known else None

    def forget(self) -> None:
        """Forget all sets, and when each was asked for last."""
        self._sets: OrderedDict[str, RemoteJWKSet] = OrderedDict()
        self.forget_threads()

    def forget_threads(self) -> None:
        """Go on in a forked child: a lock that another thread held stays shut."""
        self._lock = threading.Lock()

    def _get_set(self, url: str, client_id: str) -> RemoteJWKSet:
        with self._lock:
            if url not in self._sets:
                self._sets[url] = RemoteJWKSet(
                    lambda: _fetch(url, _slots), _policy, name=f"the client {client_id}"
                )
            self._sets.move_to_end(url)
            if len(self._sets) > _MOST_SETS:
                self._sets.popitem(last=False)
            return self._sets[url]


def fetch_published_keys(url: str) -> FetchedDocument:
    """Return what is at the URL of a client's JWK Set, for somebody who wants to see it.

    One attempt, two seconds, and few at once, in the way of no client that authenticates. Never
    call it while a transaction is open: it waits for a stranger.

    Raises:
        TooManyUnderWay: others are at it.
        DocumentUnavailable: it cannot be had.
    """
    return _fetch(url, _slots_of_people)


def _fetch(url: str, slots: Slots) -> FetchedDocument:
    networks = get_settings().jwks_uri_networks
    policy = FetchPolicy(timeout=FETCH_TIMEOUT, allowed_networks=networks)
    return fetch_json(url, policy, slots=slots)


client_key_sets = ClientKeySets()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=client_key_sets.forget_threads)
