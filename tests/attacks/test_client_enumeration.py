"""Threat: find out which client IDs exist, by words, status, headers or work done."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.authorization_server.clients.state import disable_client
from django_cc.models import MachineClient
from tests.machines import ACTOR, Machine, TokenEndpoint, encode, read_json, register

WRONG = "dccs_" + "A" * 49


def basic(client_id: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


@pytest.fixture
def clients(token_endpoint: TokenEndpoint, machine: Machine) -> dict[str, tuple[str, str]]:
    """Every way to fail, and the credentials that do."""
    expired = register("Expired", secret_expires_at=datetime.now(UTC) - timedelta(days=1))
    disabled = register("Disabled")
    disable_client(disabled.row, ACTOR)
    ended = register("Ended", expires_at=datetime.now(UTC) + timedelta(days=1))
    MachineClient.objects.filter(pk=ended.row.pk).update(expires_at=datetime.now(UTC))
    without = register("Without a secret")
    without.row.secrets.all().delete()
    return {
        "unknown client": ("nobody", WRONG),
        "wrong secret": (machine.client_id, WRONG),
        "expired secret": (expired.client_id, expired.client_secret),
        "disabled client": (disabled.client_id, disabled.client_secret),
        "expired client": (ended.client_id, ended.client_secret),
        "client without a secret": (without.client_id, WRONG),
    }


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
@pytest.mark.parametrize("transport", ["basic", "body"])
def test_gives_every_failure_the_same_answer(
    token_endpoint: TokenEndpoint, clients: dict[str, tuple[str, str]], transport: str
) -> None:
    answers = set()
    for client_id, secret in clients.values():
        if transport == "basic":
            answer = token_endpoint.post(authorization=basic(client_id, secret))
        else:
            form = {"client_id": client_id, "client_secret": secret}
            answer = token_endpoint.post(encode({"grant_type": "client_credentials", **form}))
        document = read_json(answer)
        words = document.pop("error_description").partition(" (reference")[0]
        headers = tuple(sorted(answer.headers.items()))
        answers.add((answer.status_code, tuple(document.items()), words, headers))

    assert len(answers) == 1


def describe(answer: Any) -> tuple[object, ...]:
    """Return all of an answer but its reference."""
    document = read_json(answer)
    words = document.pop("error_description").partition(" (reference")[0]
    return answer.status_code, words, tuple(document.items()), tuple(sorted(answer.headers.items()))


@pytest.mark.rfc("6749", "5.2", "The same answer for an unknown client and a wrong secret")
def test_answers_alike_whatever_slip_the_trail_will_tell_of(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    slips = [
        ("", ""),
        (machine.client_id, ""),
        ("nobody", ""),
        ("", machine.client_secret),
        (machine.client_secret, machine.client_id),
        (machine.client_id, "$CC_CLIENT_SECRET"),
        ("nobody", machine.client_secret),
        (machine.client_id, WRONG),
    ]

    answers = {describe(token_endpoint.post(authorization=basic(*slip))) for slip in slips}

    assert len(answers) == 1


def test_answers_a_request_without_a_secret_alike_whoever_it_names(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answers = {
        describe(
            token_endpoint.post(
                encode({"grant_type": "client_credentials", "client_id": client_id})
            )
        )
        for client_id in ("nobody", machine.client_id, machine.client_secret)
    }

    assert len(answers) == 1


def test_compares_digests_for_known_and_unknown_clients_alike(
    token_endpoint: TokenEndpoint,
    clients: dict[str, tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compare_digest, compared = hmac.compare_digest, []

    def counting(*arguments: Any) -> bool:
        compared.append(arguments)
        return compare_digest(*arguments)

    work = {}
    for name in (
        "unknown client",
        "wrong secret",
        "disabled client",
        "expired client",
        "client without a secret",
    ):
        with monkeypatch.context() as patch:
            compared.clear()
            patch.setattr(hmac, "compare_digest", counting)
            token_endpoint.post(authorization=basic(*clients[name]))
        work[name] = [len(one) for pair in compared for one in pair if "sha256$" in str(one)]

    digests = [len("sha256$") + 64] * 2
    assert work == dict.fromkeys(work, digests)


def test_writes_no_name_of_a_client_that_does_not_exist_to_the_log(
    token_endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    # People paste a secret where the ID belongs: the log must not keep it.
    with caplog.at_level("DEBUG"):
        token_endpoint.post(authorization=basic("dccs_mistaken_for_the_id", WRONG))

    assert "dccs_" not in caplog.text
    assert "unknown_client" in caplog.text
