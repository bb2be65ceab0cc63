"""Threat: a program gone wrong, or a thief, asks for tokens without end, through many processes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from django_cc.authorization_server.minute_counter import MinuteCounter
from django_cc.authorization_server.recording import write_down
from django_cc.models import AuditEvent
from tests.machines import Machine, TokenEndpoint, encode, read_json, register

pytestmark = pytest.mark.django_db

RATE = 3


@pytest.fixture(autouse=True)
def minute() -> Any:
    """Ten seconds into a minute, nothing counted."""
    cache.clear()
    with time_machine.travel("2026-11-23T12:00:10Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def limited(token_endpoint: TokenEndpoint) -> Machine:
    """A client that may get three tokens a minute."""
    return register(rate=RATE)


def ask(endpoint: TokenEndpoint, machine: Machine, times: int) -> list[int]:
    return [endpoint.post(authorization=machine.basic()).status_code for _ in range(times)]


@pytest.mark.rfc("6585", "4", "429: the user has sent too many requests in a given time")
def test_answers_429_beyond_the_rate(token_endpoint: TokenEndpoint, limited: Machine) -> None:
    assert ask(token_endpoint, limited, RATE + 2) == [200] * RATE + [429] * 2


@pytest.mark.rfc("6585", "4", "MAY include Retry-After; MUST NOT be stored by a cache")
def test_says_when_to_try_again(token_endpoint: TokenEndpoint, limited: Machine) -> None:
    ask(token_endpoint, limited, RATE)

    answer = token_endpoint.post(authorization=limited.basic())

    assert read_json(answer)["error"] == "temporarily_unavailable"
    assert answer["Retry-After"] == "50"
    assert answer["Cache-Control"] == "no-store"
    assert "WWW-Authenticate" not in answer


def test_begins_anew_every_minute(
    token_endpoint: TokenEndpoint, limited: Machine, minute: Any
) -> None:
    ask(token_endpoint, limited, RATE + 1)
    minute.shift(50)

    assert ask(token_endpoint, limited, 1) == [200]


def test_counts_each_client_for_itself(token_endpoint: TokenEndpoint, limited: Machine) -> None:
    ask(token_endpoint, limited, RATE + 1)

    assert ask(token_endpoint, register("Another", rate=RATE), 1) == [200]


def test_counts_nothing_that_others_send_in_its_name(
    token_endpoint: TokenEndpoint, limited: Machine
) -> None:
    thief = Machine(limited.row, limited.client_id, "dccs_" + "A" * 49)
    ask(token_endpoint, thief, RATE * 2)

    assert ask(token_endpoint, limited, RATE) == [200] * RATE


def test_counts_nothing_that_is_not_granted(
    token_endpoint: TokenEndpoint, limited: Machine
) -> None:
    form = encode({"grant_type": "client_credentials", "scope": "fly"})
    for _ in range(RATE * 2):
        assert token_endpoint.post(form, authorization=limited.basic()).status_code == 400

    assert ask(token_endpoint, limited, RATE) == [200] * RATE


def test_tells_the_operators_what_happened(token_endpoint: TokenEndpoint, limited: Machine) -> None:
    ask(token_endpoint, limited, RATE + 1)
    write_down()

    event = AuditEvent.objects.get(event="token_refused", client_id=limited.client_id)
    assert event.reason == "rate_limited"


def test_is_one_limit_for_many_processes() -> None:
    now = datetime.now(UTC)
    processes = [MinuteCounter() for _ in range(8)]

    def count(number: int) -> int | None:
        return processes[number % 8].count("issued:client", limit=100, now=now)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(count, range(400)))

    assert waits.count(None) == 100


def test_a_client_without_a_rate_never_touches_the_cache(
    token_endpoint: TokenEndpoint, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    for name in ("add", "incr", "get", "set", "get_or_set", "touch"):
        monkeypatch.setattr(cache, name, lambda *_args, **_options: asked.append(1))

    assert ask(token_endpoint, machine, 1) == [200]
    assert not asked


def test_lets_clients_through_while_the_cache_is_away(
    token_endpoint: TokenEndpoint,
    limited: Machine,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }

    assert ask(token_endpoint, limited, RATE * 2) == [200] * RATE * 2
    assert caplog.text.count("the cache is away") == 1


def test_an_outage_met_by_one_is_known_to_the_other(
    token_endpoint: TokenEndpoint,
    limited: Machine,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": 1}
    asked = []

    def hang(*arguments: Any, **_options: Any) -> None:
        asked.append(arguments)
        raise TimeoutError("no answer")

    monkeypatch.setattr(cache, "add", hang)
    ask(token_endpoint, limited, 2)

    assert token_endpoint.post(authorization="Basic YTpi").status_code == 401
    assert len(asked) == 1
