"""What only whole processes can show: one assertion at several workers, and raw HTTP."""

import contextlib
import json
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from django_cc.models import MachineClient
from tests.assertions import KeyMachine, new_key
from tests.faults.exchange import NO_ANSWER, Address, Exchange, mint, send
from tests.faults.served_project import Credentials, ServedProject
from tests.machines import FORM, INTROSPECTION_URL, REVOCATION_URL, TOKEN_URL, Machine
from tests.projects.served import PROPAGATION_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]

AT_ONCE = 24


@pytest.fixture(scope="module")
def client(project: ServedProject) -> Credentials:
    return project.register()


@pytest.fixture(scope="module")
def signer(project: ServedProject, tmp_path_factory: pytest.TempPathFactory) -> KeyMachine:
    """A client that signs assertions, known to every worker."""
    key = new_key()
    jwks = tmp_path_factory.mktemp("keys") / "jwks.json"
    jwks.write_text(json.dumps({"keys": [key.public_jwk()]}))
    printed = project.manage(
        *("cc_client", "create", "Signer", "--scope", "orders:read", "--json"),
        *("--auth-method", "private_key_jwt", "--jwks", str(jwks)),
    )
    time.sleep(PROPAGATION_SECONDS)
    return KeyMachine(MachineClient(), json.loads(printed)["client_id"], key)


def send_at_once(server: Address, body: str, urls: list[str]) -> list[Exchange]:
    """Send the same body to each of `urls` in the same moment."""
    together = Barrier(len(urls))

    def ask(url: str) -> Exchange:
        together.wait(timeout=30)
        return send(server, "POST", url, {"Content-Type": FORM}, body.encode())

    with ThreadPoolExecutor(max_workers=len(urls)) as executor:
        return list(executor.map(ask, urls))


@pytest.mark.rfc("7523", "3", "point 7: a jti is used once")
@pytest.mark.parametrize(
    "urls",
    [[TOKEN_URL], [TOKEN_URL, INTROSPECTION_URL, REVOCATION_URL]],
    ids=["one endpoint", "three endpoints"],
)
def test_several_processes_accept_an_assertion_once(
    server: Address, signer: KeyMachine, urls: list[str]
) -> None:
    body = signer.body(token="x")

    answers = send_at_once(server, body, urls * (AT_ONCE // len(urls)))

    assert Counter(one.status for one in answers) == {200: 1, 401: AT_ONCE - 1}
    assert len({one.worker for one in answers}) > 1
    assert {one.json()["error"] for one in answers if one.status == 401} == {"invalid_client"}


def exchange_bytes(server: Address, request: bytes, *, ends: bool = True) -> tuple[int, bytes]:
    """Send bytes as they are; return the status and the body of the first answer.

    The status is `NO_ANSWER` where the server closes the connection without a word.
    """
    received = b""
    with (
        socket.create_connection((server.host, server.port), timeout=10) as connection,
        contextlib.suppress(ConnectionError),
    ):
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]) if head else NO_ANSWER, body


def write(*lines: str, body: bytes = b"", target: str = f"POST {TOKEN_URL}") -> bytes:
    """Return a request for a token with more header lines."""
    head = [f"{target} HTTP/1.1", f"Content-Type: {FORM}", "Connection: close", *lines]
    if not any(line.startswith("Host:") for line in lines):
        head.append("Host: 127.0.0.1")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


GOOD = b"grant_type=client_credentials"
LENGTH = f"Content-Length: {len(GOOD)}"
CHUNKS = b"1d\r\n" + GOOD + b"\r\n0\r\n\r\n"


def authorize(client: Credentials) -> str:
    machine = Machine(MachineClient(), client.client_id, client.client_secret)
    return f"Authorization: {machine.basic()}"


@pytest.mark.rfc("6749", "5.2", "invalid_request: otherwise malformed")
@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Transfer-Encoding: chunked"], CHUNKS),
        ([f"Content-Length: {len(GOOD) + 20}"], GOOD),
        (["Content-Length: 0"], b""),
        ([], b""),
    ],
    ids=["chunks", "cut off", "empty", "no length"],
)
def test_answers_a_body_it_cannot_take(
    server: Address, client: Credentials, lines: list[str], body: bytes
) -> None:
    status, answer = exchange_bytes(server, write(authorize(client), *lines, body=body))

    assert (status, json.loads(answer)["error"]) == (400, "invalid_request")


# What the web server refuses before Django sees it, or Django before us.
MALFORMED = {
    "two lengths": write("Content-Length: 1", LENGTH, body=GOOD),
    "a length and chunks": write(LENGTH, "Transfer-Encoding: chunked", body=CHUNKS),
    "a coding nobody knows": write("Transfer-Encoding: x", LENGTH, body=GOOD),
    "a length that is none": write("Content-Length: -5", body=GOOD),
    "a malformed host": write("Host: [::1", LENGTH, body=GOOD),
    "another host": write("Host: evil.example", LENGTH, body=GOOD),
    "a NUL in a header": write("Authorization: Basic \0", LENGTH, body=GOOD),
    "a header of 100,000 bytes": write(f"X: {'x' * 100_000}", LENGTH, body=GOOD),
    "1,000 headers": write(*(f"X-{number}: x" for number in range(1000)), LENGTH, body=GOOD),
    "a folded header": write("Authorization: Basic", "  YTpi", LENGTH, body=GOOD),
    "a space before the colon": write("Authorization : Basic YTpi", LENGTH, body=GOOD),
    "no header at all": b"POST /oauth/token HTTP/1.1\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a NUL in the path": write(LENGTH, body=GOOD, target="POST /oauth/token%00"),
    "a broken escape in the path": write(LENGTH, body=GOOD, target="POST /oauth/token%zz"),
    "bytes in the path": write(LENGTH, body=GOOD, target="POST /oauth/\xff\xfe"),
    "dots in the path": write(LENGTH, body=GOOD, target="POST /oauth/../oauth/token/.."),
    "two slashes": write(LENGTH, body=GOOD, target="POST //oauth/token"),
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED)
def test_fails_at_nothing_that_is_malformed(server: Address, request_bytes: bytes) -> None:
    status, answer = exchange_bytes(server, request_bytes)

    assert status in {NO_ANSWER, *range(400, 500), 501}
    assert b"access_token" not in answer


@pytest.mark.rfc("6749", "2.3", "MUST NOT use more than one authentication method per request")
@pytest.mark.parametrize("second", ["Basic YTpi", "Bearer x"])
def test_refuses_two_authorization_headers(
    server: Address, client: Credentials, second: str
) -> None:
    lines = (authorize(client), f"Authorization: {second}", LENGTH)

    status, _ = exchange_bytes(server, write(*lines, body=GOOD))

    assert status in {400, 401}


def test_takes_a_body_that_waits_to_be_asked_for(server: Address, client: Credentials) -> None:
    lines = (authorize(client), "Expect: 100-continue", LENGTH)

    _, answer = exchange_bytes(server, write(*lines, body=GOOD), ends=False)

    assert b"access_token" in answer


def test_serves_on_after_all_of_it(server: Address, client: Credentials) -> None:
    for request in MALFORMED.values():
        exchange_bytes(server, request)

    statuses = {mint(server, client.client_id, client.client_secret).status for _ in range(20)}

    assert statuses == {200}
