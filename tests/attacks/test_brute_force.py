"""Threat: try secrets, or flood the endpoint with bad ones; and lock others out by it."""

import base64
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from tests.machines import Machine, TokenEndpoint, read_json

pytestmark = pytest.mark.django_db

LIMIT = 3
WRONG = "dccs_" + "A" * 49


@pytest.fixture(autouse=True)
def limit(settings: Any) -> Any:
    """Three failures a minute, counted from none."""
    cache.clear()
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": LIMIT}
    with time_machine.travel("2026-11-23T12:00:10Z", tick=False) as traveller:
        yield traveller


def basic(client_id: str, secret: str = WRONG) -> str:
    return f"Basic {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


def fail(endpoint: TokenEndpoint, client_id: str, times: int = 1) -> Any:
    for _ in range(times):
        answer = endpoint.post(authorization=basic(client_id))
    return answer


@pytest.mark.rfc("OAuth 2.1", "2.4.1", "MUST protect the endpoint against brute force attacks")
@pytest.mark.rfc("6749", "2.3.1", "MUST protect the endpoint against brute force attacks")
def test_answers_429_once_too_many_requests_failed(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    statuses = [fail(token_endpoint, machine.client_id).status_code for _ in range(LIMIT + 2)]

    assert statuses == [401] * LIMIT + [429] * 2


@pytest.mark.rfc("6585", "4", "429 MAY include Retry-After")
def test_says_when_to_try_again_and_stays_an_oauth_error(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answer = fail(token_endpoint, machine.client_id, LIMIT + 1)

    assert answer["Retry-After"] == "50"
    assert read_json(answer)["error"] == "invalid_client"
    assert answer["WWW-Authenticate"].startswith("Basic ")
    assert answer["Cache-Control"] == "no-store"


def test_never_slows_who_succeeds(token_endpoint: TokenEndpoint, machine: Machine) -> None:
    fail(token_endpoint, machine.client_id, LIMIT * 3)

    assert token_endpoint.post(authorization=machine.basic()).status_code == 200


def test_begins_anew_every_minute(
    token_endpoint: TokenEndpoint, machine: Machine, limit: Any
) -> None:
    fail(token_endpoint, machine.client_id, LIMIT + 1)
    limit.shift(60)

    assert fail(token_endpoint, machine.client_id).status_code == 401


def test_is_the_same_for_known_and_unknown_clients(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    answers = []
    for client_id in (machine.client_id, "nobody"):
        cache.clear()
        answers.append([fail(token_endpoint, client_id) for _ in range(LIMIT + 2)])

    known, unknown = ([describe(answer) for answer in some] for some in answers)
    assert known == unknown


def describe(answer: Any) -> tuple[int, str | None, str, list[str]]:
    words = read_json(answer)["error_description"].partition(" (reference")[0]
    return answer.status_code, answer.get("Retry-After"), words, sorted(answer.headers)


def test_makes_no_client_wait_for_what_others_send_in_its_name(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    # Its ID is no secret: whoever knows it could keep a program from reading its new secret, and
    # see by the first answer that somebody fails in its name.
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}
    statuses = {post_from(f"10.0.0.{number}", machine.client_id) for number in range(LIMIT * 3)}

    assert statuses == {401}


def test_tells_ipv4_callers_apart_behind_a_socket_for_both_families(
    token_endpoint: TokenEndpoint, settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}
    for number in range(LIMIT * 2):
        post_from("::ffff:198.51.100.1", f"client {number}")

    statuses = [post_from(address, "one") for address in ("::ffff:203.0.113.7", "198.51.100.1")]
    assert statuses == [401, 429]


def test_counts_an_address_with_many_clients(token_endpoint: TokenEndpoint, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}
    statuses = [post_from("10.0.0.1", f"client {number}") for number in range(LIMIT + 1)]

    assert statuses[-1] == 429
    assert post_from("10.0.0.2", "another client") == 401


def test_counts_an_ipv6_host_however_it_changes_its_address(
    token_endpoint: TokenEndpoint, settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "TRUSTED_PROXIES": 1}
    statuses = [post_from(f"2001:db8::{number + 1}", f"c{number}") for number in range(LIMIT + 1)]

    assert statuses[-1] == 429


def post_from(address: str, client_id: str) -> int:
    from django.test import Client as HTTPClient

    headers = {"authorization": basic(client_id), "x-forwarded-for": address}
    answer: Any = HTTPClient().post(
        "/oauth/token",
        data=b"grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        headers=headers,
        secure=True,
    )
    status: int = answer.status_code
    return status


def test_puts_no_client_id_and_no_secret_into_the_cache(
    token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    from tests.attacks.test_secret_leaks import dump_cache

    fail(token_endpoint, "dccs_pasted_as_the_id")

    assert "failed" in dump_cache()
    assert "dccs_" not in dump_cache()


def test_leaves_a_cache_alone_that_does_not_answer(
    token_endpoint: TokenEndpoint, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def hang(*arguments: Any, **_options: Any) -> None:
        asked.append(arguments)
        raise TimeoutError("no answer")

    monkeypatch.setattr(cache, "add", hang)

    assert fail(token_endpoint, machine.client_id, LIMIT + 2).status_code == 401
    assert len(asked) == 1


def test_goes_on_refusing_when_the_cache_is_away(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }

    assert fail(token_endpoint, machine.client_id, LIMIT + 2).status_code == 401
    assert token_endpoint.post(authorization=machine.basic()).status_code == 200
    assert caplog.text.count("the cache is away") == 1


def test_can_be_left_to_a_proxy_in_front(
    token_endpoint: TokenEndpoint, machine: Machine, settings: Any
) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "FAILED_REQUESTS_PER_MINUTE": None}

    assert fail(token_endpoint, machine.client_id, LIMIT * 3).status_code == 401
