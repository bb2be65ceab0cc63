"""What tests may use: a service that was found, or the reason why there is none."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A server that answers, or a program that exists."""

    address: str
    """A URL, or the path of the program."""
    description: str
    """Name, version and origin, in one line for a person."""


class ServiceMissingError(Exception):
    """Raised with one line that says what is missing and how to get it."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listened on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
