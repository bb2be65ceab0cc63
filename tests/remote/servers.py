"""Servers on this machine that answer as a test says, over TLS or without."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket, threading.Event], None]

_LONGEST_TEST = 30.0  # seconds


class Server:
    """Listens on a loopback address, and keeps the head of each request that reached it."""

    def __init__(self, answer: Answer, *, tls: ssl.SSLContext | None, host: str) -> None:
        """Start listening."""
        self._answer, self._tls = answer, tls
        self._closing = threading.Event()
        self._listener = socket.create_server((host, 0), family=_family(host))
        self.host, self.port = host, self._listener.getsockname()[1]
        self.connections = 0
        self.requests: list[str] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def answer(self, answer: Answer) -> None:
        """Answer otherwise from now on."""
        self._answer = answer

    def url(self, path: str = "/jwks.json", *, host: str | None = None) -> str:
        """Return a URL of this server."""
        scheme = "https" if self._tls else "http"
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host or shown}:{self.port}{path}"

    def close(self) -> None:
        """Stop, and wait for what is under way."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(_LONGEST_TEST)

    def _start(self, run: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(_LONGEST_TEST)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            head = b""
            while b"\r\n\r\n" not in head and head[:1] in {b"", b"G"}:  # or no HTTP at all
                received = connection.recv(4096)
                if not received:
                    return
                head += received
            self.requests.append(head.decode(errors="replace"))
            self._answer(connection, self._closing)


@contextmanager
def serve(
    answer: Answer, *, tls: ssl.SSLContext | None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """Run a server for as long as the context lasts."""
    server = Server(answer, tls=tls, host=host)
    try:
        yield server
    finally:
        server.close()


def say(
    body: bytes, *headers: str, status: str = "200 OK", media_type: str = "application/json"
) -> Answer:
    """Answer once with `body` and its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if media_type:
        lines.append(f"Content-Type: {media_type}")
    return send("\r\n".join([*lines, "", ""]).encode() + body)


def say_json(document: object, *headers: str) -> Answer:
    """Answer with a JSON document."""
    return say(json.dumps(document).encode(), *headers)


def send(raw: bytes) -> Answer:
    """Answer with bytes as they are."""
    return lambda connection, _closing: connection.sendall(raw)


def send_forever(first: bytes, again: bytes, *, pause: float = 0.0) -> Answer:
    """Answer with `first`, then `again` and again, with a pause in seconds before each."""

    def answer(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(first)
        while not closing.wait(pause):
            connection.sendall(again)

    return answer


def say_nothing(connection: socket.socket, closing: threading.Event) -> None:
    """Keep the connection open without a word."""
    closing.wait(_LONGEST_TEST)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
