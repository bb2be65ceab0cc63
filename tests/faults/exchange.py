"""One HTTP request and what became of it."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.machines import FORM, TOKEN_URL

NO_ANSWER = 0
TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; times are those of `time.monotonic()`."""

    sent_at: float
    answered_at: float
    status: int
    """`NO_ANSWER` where the connection failed or time was up."""
    worker: int
    """The process that answered, 0 if none did."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def seconds(self) -> float:
        return self.answered_at - self.sent_at

    def json(self) -> Any:
        """Return the document in the body."""
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.status} by {self.worker} in {self.seconds:.2f} s: {self.body[:200]!r}"


def mint(address: Address, client_id: str, secret: str, *, timeout: float = TIMEOUT) -> Exchange:
    """Ask for an access token."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": FORM}
    body = b"grant_type=client_credentials"
    return send(address, "POST", TOKEN_URL, headers, body, timeout=timeout)


def call(
    address: Address, token: str, *, path: str = "/api/scoped/", timeout: float = TIMEOUT
) -> Exchange:
    """Call a protected view."""
    return send(address, "GET", path, {"Authorization": f"Bearer {token}"}, timeout=timeout)


def send(
    address: Address,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    timeout: float = TIMEOUT,
) -> Exchange:
    """Send one request over a connection of its own, so that any worker may take it."""
    connection = HTTPConnection(address.host, address.port, timeout=timeout)
    sent_at = time.monotonic()
    try:
        connection.request(method, path, body, {**headers, "Connection": "close"})
        with connection.getresponse() as response:
            content = response.read()
            worker = int(response.headers.get("X-Worker", 0))
            received = dict(response.headers)
            return Exchange(sent_at, time.monotonic(), response.status, worker, received, content)
    except (OSError, HTTPException) as error:
        reason = repr(error).encode()
        return Exchange(sent_at, time.monotonic(), NO_ANSWER, 0, {}, reason)
    finally:
        connection.close()
