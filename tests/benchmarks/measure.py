"""Time requests of several kinds in turn, over one connection, in one run.

Only ratios between the rows of one run mean anything: the machine is never quiet.
"""

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median, quantiles

from tests.faults.exchange import Address

WARM_UP = 100  # requests of each row that are not counted
# What differs between two refusals that say the same.
_REFERENCE = re.compile(rb"\(reference [0-9a-f]+\)")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, made before the clock starts."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a kind of request."""

    name: str
    make: Callable[[], Request]


@dataclass(slots=True)
class Measured:
    """What the requests of a row took, and what they were answered."""

    name: str
    seconds: list[float] = field(default_factory=list)
    answers: set[tuple[int, bytes]] = field(default_factory=set)
    """Status and body without its reference."""

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20)[-1]


def measure(address: Address, rows: Sequence[Row], *, rounds: int) -> list[Measured]:
    """Send one request of each row in each round, in an order that changes."""
    connection = HTTPConnection(address.host, address.port, timeout=10)
    try:
        _measure_rounds(connection, rows, WARM_UP)
        return _measure_rounds(connection, rows, rounds)
    finally:
        connection.close()


def write_table(measured: Sequence[Measured]) -> str:
    """Return the figures, with the ratios to the first row."""
    base = measured[0].median
    lines = [f"{'':<34}{'median':>10}{'p95':>10}{'ratio':>8}{'n':>7}"]
    lines += [
        f"{one.name:<34}{one.median * 1e6:>7.0f} µs{one.p95 * 1e6:>7.0f} µs"
        f"{one.median / base:>8.3f}{len(one.seconds):>7}"
        for one in measured
    ]
    return "\n".join(lines)


def _measure_rounds(connection: HTTPConnection, rows: Sequence[Row], rounds: int) -> list[Measured]:
    measured = [Measured(row.name) for row in rows]
    pairs = list(zip(rows, measured, strict=True))
    for _ in range(rounds):
        random.shuffle(pairs)
        for row, into in pairs:
            _measure_one(connection, row.make(), into)
    return measured


def _measure_one(connection: HTTPConnection, request: Request, into: Measured) -> None:
    began_at = time.perf_counter()
    connection.request(request.method, request.path, request.body, request.headers)
    with connection.getresponse() as response:
        body = response.read()
    into.seconds.append(time.perf_counter() - began_at)
    into.answers.add((response.status, _REFERENCE.sub(b"", body)))
