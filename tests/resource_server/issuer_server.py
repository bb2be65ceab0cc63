"""An authorization server elsewhere, over real HTTP on loopback, without any code of ours."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from django_cc.protocol.jose import JWK, PrivateKey
from tests.projects.combined import ORDERS_API
from tests.protocol.tokens import private_key

METADATA = "/.well-known/oauth-authorization-server"
INTROSPECT = "/introspect"
JWKS = "/jwks"


@dataclass
class IssuerServer:
    """What it publishes; a test changes that, stops it, and reads what it was asked."""

    port: int = 0
    keys: list[JWK] = field(default_factory=lambda: [private_key().public_jwk()])
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=lambda: {"active": True})
    status: int = 200
    raw: bytes | None = None
    delay: threading.Event | None = None
    asked: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    introspected: list[str] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return self.asked.count(path)

    def start(self) -> None:
        """Listen, after a stop on the same port."""
        self._server = _Server(("127.0.0.1", self.port), _handler_of(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def describe(self) -> dict[str, Any]:
        """Return its metadata."""
        good = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}{JWKS}",
            "introspection_endpoint": f"{self.issuer}{INTROSPECT}",
        }
        document = good | self.metadata
        return {name: value for name, value in document.items() if value is not None}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good token; a change to None leaves one out."""
        now = int(datetime.now(UTC).timestamp())
        good = {
            "iss": self.issuer,
            "sub": "reporting",
            "aud": ORDERS_API,
            "client_id": "reporting",
            "scope": "orders:read",
            "iat": now,
            "exp": now + 600,
            "jti": uuid4().hex,
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def sign(
        self, *, key: PrivateKey | None = None, header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """Return an access token."""
        signer = key or private_key()
        named = {"typ": "at+jwt", "kid": signer.public_jwk()["kid"], **(header or {})}
        return signer.sign(named, self.claims(**changes))


@contextmanager
def running() -> Iterator[IssuerServer]:
    """Run one while the context lasts."""
    server = IssuerServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers who gave up."""


def _handler_of(issuer: IssuerServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def parse_request(self) -> bool:
            # A connection that was open when the server stopped is answered no more.
            self.close_connection = not issuer.is_running
            return issuer.is_running and super().parse_request()

        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            self._answer({METADATA: issuer.describe(), JWKS: {"keys": issuer.keys}}[self.path])

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            issuer.introspected += parse_qs(body)["token"]
            issuer.authorizations.append(_read_basic(self.headers["Authorization"]))
            self._answer(issuer.answer)

        def _answer(self, document: Any) -> None:
            if issuer.delay is not None:
                issuer.delay.wait(10)
            body = json.dumps(document).encode() if issuer.raw is None else issuer.raw
            self.send_response(issuer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keep the test's output clean."""

    return Handler


def _read_basic(header: str) -> str:
    return base64.b64decode(header.removeprefix("Basic ")).decode()
