"""How long a refusal takes must not tell which clients exist."""

import base64
import random
import string
import time
from collections.abc import Callable

from tests.benchmarks.measure import Measured, Request, Row, measure, write_table
from tests.faults.exchange import Address
from tests.faults.served_project import ServedProject
from tests.machines import FORM, TOKEN_URL
from tests.projects.served import PROPAGATION_SECONDS

ROUNDS = 2000
TRIES = 3  # on a machine where others work too
LEAST, MOST = 0.95, 1.05

ID_CHARACTERS = string.ascii_lowercase + string.digits
SECRET_CHARACTERS = string.ascii_letters + string.digits


def test_an_unknown_client_is_refused_like_a_wrong_secret(
    project: ServedProject, server: Address
) -> None:
    known, disabled = project.register(), project.register()
    project.manage("cc_client", "disable", disabled.client_id)
    time.sleep(PROPAGATION_SECONDS)  # until the server knows
    rows = [
        Row("known client, wrong secret", lambda: _request(known.client_id, _secret())),
        Row("unknown client", lambda: _request(_random(24, ID_CHARACTERS), _secret())),
        Row("disabled client, its own secret", _always(disabled.client_id, disabled.client_secret)),
    ]

    for _ in range(TRIES):
        measured = measure(server, rows, rounds=ROUNDS)
        print(f"\n{write_table(measured)}")  # noqa: T201 - meant for a person
        wrong, unknown, _disabled = measured
        ratio = unknown.median / wrong.median
        if LEAST <= ratio <= MOST:
            break

    assert _find_answers(measured) == {401}
    assert LEAST <= ratio <= MOST


def _find_answers(measured: list[Measured]) -> set[int]:
    """Return the status of all answers, which must have one body but for the reference."""
    answers = {answer for one in measured for answer in one.answers}
    assert len(answers) == 1, answers
    return {status for status, _ in answers}


def _always(client_id: str, secret: str) -> Callable[[], Request]:
    request = _request(client_id, secret)
    return lambda: request


def _request(client_id: str, secret: str) -> Request:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": FORM}
    return Request("POST", TOKEN_URL, headers, b"grant_type=client_credentials")


def _secret() -> str:
    return f"dccs_{_random(49, SECRET_CHARACTERS)}"


def _random(length: int, characters: str) -> str:
    return "".join(random.choices(characters, k=length))
