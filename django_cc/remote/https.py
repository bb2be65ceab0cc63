"""Fetch a JSON document of another server, whoever chose its URL.

The host is resolved once, every address it has is judged, and one of those is connected to. No
redirect is followed, no proxy of the environment asked, nothing sent that the other server could
use. Everything together takes no longer than the policy says: name, connection, TLS, headers and
body, however slowly they drip.
"""

import contextlib
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from django_cc.protocol.networks import IPNetwork
from django_cc.remote.addresses import IPAddress, resolve
from django_cc.remote.bounded_work import Slots, run_within
from django_cc.remote.document_url import DocumentURL
from django_cc.remote.json_response import FetchedDocument, read_document
from django_cc.remote.unavailable import DocumentUnavailable

_MOST_ADDRESSES = 4  # tried one after the other
_HEADERS = {
    "Accept": "application/json, application/jwk-set+json",
    "Accept-Encoding": "identity",  # a compressed body has no bound until it is too late
    "User-Agent": "django-client-credentials",
    "Connection": "close",
}

_shared_slots = Slots(8)


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What may be fetched, and how much of it.

    Attributes:
        timeout: for everything together, the resolver included.
        max_bytes: of the body.
        allowed_networks: which may be connected to besides public addresses.
        plain_http: whether http:// URLs are good enough.
    """

    timeout: timedelta = timedelta(seconds=2)
    max_bytes: int = 64 * 1024
    allowed_networks: tuple[IPNetwork, ...] = ()
    plain_http: bool = False


def fetch_json(url: str, policy: FetchPolicy, *, slots: Slots = _shared_slots) -> FetchedDocument:
    """Return the JSON object at `url`. One attempt; no redirect is followed.

    Args:
        url: https, with a host and without user and fragment.
        policy: its bounds.
        slots: how many such fetches may be under way at once.

    Raises:
        DocumentUnavailable: it could not be had, or is no JSON object; `reason` says why.
    """
    document = DocumentURL.parse(url, plain_http=policy.plain_http)
    exchange = _Exchange(document, policy)
    return run_within(policy.timeout, exchange.run, slots, abandon=exchange.abandon)


class _Exchange:
    """One request and its answer, which another thread may cut short."""

    def __init__(self, document: DocumentURL, policy: FetchPolicy) -> None:
        self._document, self._policy = document, policy
        self._ends_at = time.monotonic() + policy.timeout.total_seconds()
        self._lock = threading.Lock()
        self._abandoned = False
        self._socket: socket.socket | None = None

    def abandon(self) -> None:
        """Have `run` end now if it waits for the other server; its result is wanted no more."""
        with self._lock:
            self._abandoned = True
            if self._socket is not None:
                _shut_down(self._socket)

    def run(self) -> FetchedDocument:
        """Return the document.

        Raises:
            DocumentUnavailable: it could not be had.
        """
        document, policy = self._document, self._policy
        addresses = resolve(document.host, document.port, policy.allowed_networks)
        connection = self._connect(addresses[:_MOST_ADDRESSES])
        try:
            connection.request(
                "GET",
                document.target,
                headers={"Host": document.host_header, **_HEADERS},
                preload_content=False,
                decode_content=False,
            )
            with connection.getresponse() as response:
                return read_document(response, policy.max_bytes)
        except (OSError, HTTPError, HTTPException) as error:
            raise DocumentUnavailable(_describe(error)) from None
        finally:
            with self._lock:
                self._socket = None
            connection.close()

    def _connect(self, addresses: list[IPAddress]) -> HTTPConnection:
        reason = ""
        for number, address in enumerate(addresses):
            share = (self._ends_at - time.monotonic()) / (len(addresses) - number)
            if share <= 0:  # the resolver took it all
                break
            connection = _open(self._document, address, timeout=share)
            try:
                connection.connect()
                connection.timeout = share * (len(addresses) - number)
                self._keep(connection)
            except (OSError, HTTPError) as error:
                connection.close()
                reason = _describe(error)
            else:
                return connection
        raise DocumentUnavailable(reason or "no answer in time")

    def _keep(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._socket = connection.sock
            if self._abandoned:
                raise TimeoutError


def _open(document: DocumentURL, address: IPAddress, *, timeout: float) -> HTTPConnection:
    if not document.is_secure:
        return HTTPConnection(str(address), document.port, timeout=timeout)
    # The certificate must be good for the name, though the address is what is connected to.
    return HTTPSConnection(
        str(address),
        document.port,
        timeout=timeout,
        ssl_context=_get_trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
        server_hostname=document.host,
    )


@lru_cache(maxsize=4)
def _get_trust(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    # Reading the system's authorities takes 50 ms; OpenSSL finds them by these two variables.
    return ssl.create_default_context()


def _shut_down(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        # Of the plain socket: the thread that reads still needs what is around it.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _describe(error: Exception) -> str:
    """Return the cause in our words: what the other server says is not repeated."""
    if isinstance(error.__cause__, ConnectionRefusedError):
        return "connection refused"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    return "the connection broke off"


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not valid for this host"),
    (ssl.SSLError, "TLS failed"),
    (NewConnectionError, "its host cannot be reached"),  # a kind of time-out to the library
    (TimeoutError, "no answer in time"),
    (Urllib3TimeoutError, "no answer in time"),
)
