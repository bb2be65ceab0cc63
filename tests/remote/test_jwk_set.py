"""The keys another server publishes: how long they are kept, and how often they are fetched."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.protocol.jose import PrivateKey
from django_cc.protocol.names import KeyID, SigningAlgorithm
from django_cc.remote.json_response import FetchedDocument
from django_cc.remote.jwk_set import CachePolicy, KeysUnavailable, RemoteJWKSet
from django_cc.remote.unavailable import DocumentUnavailable, TooManyUnderWay

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
FIRST = PrivateKey.generate(SigningAlgorithm.ES256).public_jwk()
SECOND = PrivateKey.generate(SigningAlgorithm.EDDSA).public_jwk()
UNKNOWN = KeyID("unknown")


def after(**spent: float) -> datetime:
    return START + timedelta(**spent)


class Publisher:
    """A server with a JWK Set, as the fetching side sees it."""

    def __init__(self, *jwks: Any, max_age: timedelta | None = None) -> None:
        self.jwks, self.max_age = list(jwks), max_age
        self.fetches = 0
        self.away = False
        self.meanwhile: Callable[[], object] = lambda: None

    def fetch(self) -> FetchedDocument:
        self.fetches += 1
        self.meanwhile()
        if self.away:
            raise DocumentUnavailable("connection refused")
        return FetchedDocument({"keys": list(self.jwks)}, self.max_age)


def follow(publisher: Publisher, **policy: Any) -> RemoteJWKSet:
    return RemoteJWKSet(publisher.fetch, CachePolicy(**policy), name="the tests")


def has(keys: RemoteJWKSet, jwk: Any, now: datetime) -> bool:
    found = keys.find_key(KeyID(jwk["kid"]), now=now)
    assert found is None or found.to_jwk() == jwk
    return found is not None


def eventually(condition: Callable[[], bool]) -> bool:
    for _attempt in range(200):
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_fetches_once_for_many_questions() -> None:
    publisher = Publisher(FIRST, SECOND)
    keys = follow(publisher)

    assert all(
        has(keys, jwk, after(seconds=second)) for jwk in (FIRST, SECOND) for second in (0, 9)
    )
    assert publisher.fetches == 1


def test_fetches_nothing_before_somebody_asks() -> None:
    publisher = Publisher(FIRST)

    follow(publisher)

    assert publisher.fetches == 0


def test_returns_the_only_key_to_a_question_without_a_name() -> None:
    assert follow(Publisher(FIRST)).find_key(None, now=START) is not None
    assert follow(Publisher(FIRST, SECOND)).find_key(None, now=START) is None


def test_names_a_key_without_a_kid_by_its_thumbprint() -> None:
    nameless = {name: value for name, value in FIRST.items() if name != "kid"}

    assert has(follow(Publisher(nameless)), FIRST, START)


def test_finds_a_new_key_by_asking_again() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    publisher.jwks = [SECOND]

    assert has(keys, SECOND, after(seconds=31))
    assert publisher.fetches == 2


def test_asks_once_in_the_cool_down_however_many_unknown_keys_are_named() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)

    for second in range(120):
        keys.find_key(KeyID(f"unknown {second}"), now=after(seconds=second))

    assert publisher.fetches == 4


def test_drops_a_key_that_is_gone_from_the_newest_set() -> None:
    publisher = Publisher(FIRST, SECOND)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    publisher.jwks = [SECOND]

    assert not has(keys, FIRST, after(minutes=5))


def test_uses_what_it_has_while_the_server_is_away_but_not_for_ever() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    publisher.away = True

    assert has(keys, FIRST, after(minutes=59))
    with pytest.raises(KeysUnavailable, match="connection refused"):
        keys.find_key(KeyID(FIRST["kid"]), now=after(minutes=60))


def test_comes_back_when_the_server_does() -> None:
    publisher = Publisher(FIRST)
    publisher.away = True
    keys = follow(publisher)
    with pytest.raises(KeysUnavailable):
        keys.find_key(KeyID(FIRST["kid"]), now=START)
    publisher.away = False

    assert has(keys, FIRST, after(seconds=30))


def test_remembers_for_the_cool_down_that_the_server_is_away() -> None:
    publisher = Publisher(FIRST)
    publisher.away = True
    keys = follow(publisher)

    for second in range(30):
        with pytest.raises(KeysUnavailable, match="connection refused"):
            keys.find_key(UNKNOWN, now=after(seconds=second))

    assert publisher.fetches == 1


@pytest.mark.parametrize(
    ("max_age", "fresh", "stale"),
    [
        (None, 3.9, 5),  # minutes
        (timedelta(0), 0.7, 1),
        (timedelta(seconds=5), 0.7, 1),
        (timedelta(minutes=2), 1.5, 2),
        (timedelta(days=365), 3.9, 5),
    ],
)
def test_keeps_a_set_as_long_as_it_says_within_bounds(
    max_age: timedelta | None, fresh: float, stale: float
) -> None:
    publisher = Publisher(FIRST, max_age=max_age)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    publisher.jwks = [SECOND]

    assert has(keys, FIRST, after(minutes=fresh))
    assert not has(keys, FIRST, after(minutes=stale))


def test_refreshes_beside_a_request_before_the_set_is_stale() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    asked_by: list[threading.Thread] = []
    publisher.meanwhile = lambda: asked_by.append(threading.current_thread())

    assert has(keys, FIRST, after(minutes=4.5))

    assert eventually(lambda: bool(asked_by))
    assert asked_by != [threading.current_thread()]
    assert eventually(lambda: keys._flight is None)
    assert has(keys, FIRST, after(minutes=8))
    assert publisher.fetches == 2


def test_refreshes_once_however_many_notice_that_the_set_goes_stale() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    go_on = threading.Event()
    publisher.meanwhile = lambda: go_on.wait(10)

    found = [has(keys, FIRST, after(minutes=4.5)) for _again in range(5)]
    go_on.set()

    assert found == [True] * 5
    assert eventually(lambda: keys._flight is None)
    assert publisher.fetches == 2


def test_leaves_the_refreshing_to_a_later_request_where_no_thread_can_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert has(keys, FIRST, after(minutes=4.5))
    publisher.jwks = [SECOND]

    assert not has(keys, FIRST, after(minutes=5))


def test_has_one_fetch_under_way_however_many_wait_for_it() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    publisher.meanwhile = lambda: time.sleep(0.3)
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.append(has(keys, FIRST, START))) for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 8
    assert publisher.fetches == 1


def test_answers_from_what_is_fresh_while_a_fetch_hangs() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    go_on = threading.Event()
    publisher.meanwhile = lambda: go_on.wait(10)
    asking = threading.Thread(target=lambda: keys.find_key(UNKNOWN, now=after(seconds=40)))
    asking.start()
    assert eventually(lambda: publisher.fetches == 2)

    began = time.monotonic()
    assert has(keys, FIRST, after(seconds=41))
    took = time.monotonic() - began
    go_on.set()
    asking.join()

    assert took < 1


def test_does_not_trust_the_past_when_the_clock_is_set_back() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    assert has(keys, FIRST, START)
    publisher.jwks = [SECOND]

    assert not has(keys, FIRST, after(hours=-3))


@pytest.mark.fork
def test_works_in_a_child_that_was_forked_during_a_fetch() -> None:
    publisher = Publisher(FIRST)
    keys = follow(publisher)
    status: list[int] = []

    def fork() -> None:
        publisher.meanwhile = lambda: None
        pid = os.fork()
        if pid == 0:
            os._exit(0 if has(keys, FIRST, START) else 1)
        status.append(os.waitpid(pid, 0)[1])

    publisher.meanwhile = fork

    assert has(keys, FIRST, START)
    assert status == [0]


PRIVATE = {**FIRST, "d": "AAAA"}
SHARED = {"kty": "oct", "kid": "shared", "alg": "HS256", "k": "AAAA"}
FOR_ENCRYPTION = {**FIRST, "kid": "encryption", "use": "enc"}
OF_ANOTHER_CURVE = {**FIRST, "kid": "curve", "crv": "secp256k1", "alg": "ES256K"}
OFF_THE_CURVE = {**FIRST, "kid": "off", "y": FIRST["x"]}


@pytest.mark.parametrize(
    "useless",
    [PRIVATE, SHARED, FOR_ENCRYPTION, OF_ANOTHER_CURVE, OFF_THE_CURVE, {}, None, "text", [1]],
    ids=["private", "shared", "encryption", "curve", "off the curve", "empty", "null", "text", "l"],
)
def test_leaves_out_what_cannot_be_used_and_keeps_the_rest(useless: Any) -> None:
    keys = follow(Publisher(useless, SECOND))

    assert has(keys, SECOND, START)
    assert keys.find_key(None, now=START) is not None


def test_tells_the_log_of_a_private_key_and_nothing_of_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert has(follow(Publisher({**FIRST, "d": "d-of-the-key"}, SECOND)), SECOND, START)

    assert "the tests publishes a private or shared key" in caplog.text
    assert "d-of-the-key" not in caplog.text


def test_takes_the_first_of_two_keys_of_one_name() -> None:
    keys = follow(Publisher(FIRST, {**SECOND, "kid": FIRST["kid"]}))

    assert has(keys, FIRST, START)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "not a JWK Set"),
        ({"keys": {"a": FIRST}}, "not a JWK Set"),
        ({"keys": []}, "no key that can be used"),
        ({"keys": [SHARED, PRIVATE]}, "no key that can be used"),
        ({"keys": [FIRST] * 51}, "more than 50 keys"),
    ],
    ids=["no keys", "an object", "empty", "useless", "many"],
)
def test_refuses_a_document_that_is_no_usable_set(document: Any, reason: str) -> None:
    keys = RemoteJWKSet(lambda: FetchedDocument(document), name="the tests")

    with pytest.raises(KeysUnavailable, match=reason):
        keys.find_key(UNKNOWN, now=START)


def test_takes_an_rsa_key_that_does_not_say_its_algorithm_only_where_told_to() -> None:
    jwk = PrivateKey.generate(SigningAlgorithm.RS256).public_jwk()
    silent = {name: value for name, value in jwk.items() if name != "alg"}

    assert has(follow(Publisher(silent), rsa=SigningAlgorithm.RS256), jwk, START)
    assert follow(Publisher(silent, SECOND)).find_key(KeyID(jwk["kid"]), now=START) is None


def test_asks_again_at_once_where_the_process_was_too_busy_to_ask() -> None:
    publisher = Publisher(SECOND)
    busy = iter([True, False])

    def fetch() -> FetchedDocument:
        if next(busy):
            raise TooManyUnderWay("too many other documents are being fetched")
        return publisher.fetch()

    keys = RemoteJWKSet(fetch, name="the tests")
    with pytest.raises(KeysUnavailable, match="too many"):
        has(keys, SECOND, START)

    assert keys.get_last_fetch() is None
    assert has(keys, SECOND, START)
