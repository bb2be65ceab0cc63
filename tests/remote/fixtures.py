"""Fixtures for tests that fetch documents: TLS, the resolver, and what was connected to."""

import socket
import ssl
import sys
from ipaddress import ip_network
from typing import Any

import pytest
import trustme

from django_cc.remote.https import FetchPolicy

HOST = "keys.example.com"
HERE = ip_network("127.0.0.1/32")
ALLOWING = FetchPolicy(allowed_networks=(HERE,))

_connects: list[Any] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _connects.append(arguments[1])


sys.addaudithook(_hear)


@pytest.fixture
def connected_to() -> list[Any]:
    """Return the addresses this process connects to, as the interpreter itself tells them."""
    _connects.clear()
    return _connects


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return an authority for servers of tests."""
    return trustme.CA()


@pytest.fixture
def server_tls(
    authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> ssl.SSLContext:
    """Return the TLS of a server called `HOST`, which this process trusts."""
    trusted = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("SSL_CERT_DIR", str(trusted.parent / "none"))
    return issue(authority, HOST, "127.0.0.1")


def issue(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return the TLS of a server that has a certificate for `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


class Names:
    """What the system's resolver answers; addresses still stand for themselves."""

    def __init__(self) -> None:
        self._answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def answer(self, host: str, *answers: list[str]) -> None:
        """Answer with the addresses of each in turn, and with the last one from then on."""
        self._answers[host] = list(answers)

    def find(self, host: str) -> list[str]:
        """Return the next answer."""
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Return the resolver, which knows `HOST` as 127.0.0.1."""
    names, real = Names(), socket.getaddrinfo
    names.answer(HOST, ["127.0.0.1"])

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> list[Any]:
        try:
            return real(host, port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
        except socket.gaierror:
            found = names.find(str(host))
        return [
            one
            for address in found
            for one in real(address, port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names
