"""The strategy `introspection`: the issuer is asked whether a token lives."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_cc.protocol.errors import InvalidToken, OAuthError, TemporarilyUnavailable
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.verification.introspection import IntrospectedIssuer
from django_cc.resource_server.verification.introspection_endpoint import AT_ONCE
from django_cc.resource_server.verification.issuer_settings import IssuerSettings
from django_cc.resource_server.verification.token_memory import TokenMemory
from django_cc.resource_server.verification.verifier import IssuersVerifier
from tests.projects.combined import ORDERS_API
from tests.resource_server.issuer_server import INTROSPECT, IssuerServer

SECRET = "s3cret/with:reserved+characters"
PAUSE = timedelta(seconds=5)
MOVED = "/moved"


class API:
    """An API that asks its issuer, at a time of its own."""

    def __init__(self, issuer: IssuerServer, secret: Any = SECRET, **more: Any) -> None:
        self.now = datetime.now(UTC)
        credentials = {"client_id": "orders api", "client_secret": secret}
        settings = IssuerSettings(
            issuer.issuer, (ORDERS_API,), "introspection", **credentials, **more
        )
        self.verifier = IssuersVerifier(
            {issuer.issuer: IntrospectedIssuer(settings)},
            leeway=timedelta(seconds=30),
            remembered=TokenMemory(10),
        )

    def accept(self, token: str) -> AccessToken:
        return self.verifier.verify(token, audience=ORDERS_API, now=self.now)

    def refusal(self, token: str) -> OAuthError:
        with pytest.raises(OAuthError) as caught:
            self.accept(token)
        return caught.value


@pytest.fixture
def api(issuer: IssuerServer) -> API:
    return API(issuer)


@pytest.mark.rfc("7662", "2.1", "POST with the parameter token, authenticated as a client")
def test_asks_as_a_machine_client(issuer: IssuerServer, api: API) -> None:
    token = issuer.sign()

    assert api.accept(token).client_id == "reporting"
    assert issuer.introspected == [token]
    assert issuer.authorizations == ["orders+api:s3cret%2Fwith%3Areserved%2Bcharacters"]


def test_asks_a_function_for_the_secret_each_time(issuer: IssuerServer) -> None:
    secrets = iter(["old", "new"])
    api = API(issuer, lambda: next(secrets))
    api.accept(issuer.sign())
    api.accept(issuer.sign())

    assert issuer.authorizations == ["orders+api:old", "orders+api:new"]


def test_asks_where_it_was_told_to(issuer: IssuerServer) -> None:
    issuer.metadata["introspection_endpoint"] = None

    API(issuer, introspection_endpoint=f"{issuer.issuer}{INTROSPECT}").accept(issuer.sign())

    assert issuer.count(INTROSPECT) == 1


@pytest.mark.rfc("7662", "4", "An answer may be cached for a while")
def test_asks_once_in_a_while(issuer: IssuerServer, api: API) -> None:
    token = issuer.sign()
    for _ in range(3):
        api.accept(token)
    api.now += timedelta(seconds=10)
    api.accept(token)

    assert issuer.count(INTROSPECT) == 2


def test_asks_each_time_where_nothing_is_cached(issuer: IssuerServer) -> None:
    api = API(issuer, introspection_cache=timedelta(0))
    token = issuer.sign()
    api.accept(token)
    api.accept(token)

    assert issuer.count(INTROSPECT) == 2


@pytest.mark.rfc("7662", "2.2", "active: false")
def test_refuses_what_its_issuer_killed(issuer: IssuerServer, api: API) -> None:
    token = issuer.sign()
    api.accept(token)
    issuer.answer = {"active": False}
    api.now += timedelta(seconds=10)

    assert isinstance(api.refusal(token), InvalidToken)


def test_a_dead_token_costs_one_call_in_a_while(issuer: IssuerServer, api: API) -> None:
    issuer.answer = {"active": False}
    token = issuer.sign()

    refusals = {type(api.refusal(token)) for _ in range(5)}

    assert refusals == {InvalidToken}
    assert issuer.count(INTROSPECT) == 1


@pytest.mark.rfc("7662", "4", "A response MUST NOT be used beyond the expiry of the token")
def test_uses_no_answer_beyond_the_end_of_the_token(issuer: IssuerServer) -> None:
    api = API(issuer, introspection_cache=timedelta(minutes=5))
    token = issuer.sign(exp=int(api.now.timestamp()) + 1)
    api.accept(token)
    api.now += timedelta(seconds=32)

    assert isinstance(api.refusal(token), InvalidToken)


def test_a_forged_token_causes_no_call(issuer: IssuerServer, api: API) -> None:
    forged = f"{issuer.sign().rpartition('.')[0]}.{issuer.sign().rpartition('.')[2]}"

    assert isinstance(api.refusal(forged), InvalidToken)
    assert issuer.count(INTROSPECT) == 0


@pytest.mark.parametrize(
    "change", [{"iss": "x"}, {"sub": "x"}, {"client_id": "x"}, {"jti": "x"}], ids=str
)
def test_an_answer_about_another_token_is_none(
    issuer: IssuerServer, api: API, change: dict[str, str]
) -> None:
    issuer.answer = {"active": True, **change}

    assert isinstance(api.refusal(issuer.sign()), InvalidToken)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("orders:read", "orders:read"),
        ("orders:read admin", "orders:read"),
        ("orders:write", "orders:write"),
        ("", ""),
    ],
)
def test_the_issuer_may_take_scopes_away_and_not_add_any(
    issuer: IssuerServer, api: API, said: str, left: str
) -> None:
    issuer.answer = {"active": True, "scope": said}

    assert api.accept(issuer.sign(scope="orders:read orders:write")).scope == left


SILENT: dict[str, dict[str, Any]] = {
    "server error": {"status": 500},
    "wrong credentials": {"status": 401},
    "redirect": {"status": 302},
    "not json": {"raw": b"<html>"},
    "duplicate members": {"raw": b'{"active": false, "active": true}'},
    "too long": {"raw": b'{"active": true, "x": "' + b"x" * 70_000 + b'"}'},
    "active is text": {"answer": {"active": "true"}},
    "active is a number": {"answer": {"active": 1}},
    "nothing": {"answer": {}},
    "scope is a list": {"answer": {"active": True, "scope": ["orders:read"]}},
    "scope is malformed": {"answer": {"active": True, "scope": 'a"b'}},
}


@pytest.mark.parametrize("trouble", SILENT.values(), ids=SILENT)
def test_fails_closed_where_the_endpoint_does_not_say(
    issuer: IssuerServer, api: API, trouble: dict[str, Any]
) -> None:
    token = issuer.sign()
    api.accept(issuer.sign())
    for name, value in trouble.items():
        setattr(issuer, name, value)

    refusal = api.refusal(token)

    assert isinstance(refusal, TemporarilyUnavailable)
    assert refusal.retry_after == 5


@pytest.mark.parametrize("endpoint", [None, 7, "ftp://x/", "http://127.0.0.1:1/"], ids=repr)
def test_fails_closed_where_there_is_no_endpoint(
    issuer: IssuerServer, api: API, endpoint: Any
) -> None:
    issuer.metadata["introspection_endpoint"] = endpoint

    assert isinstance(api.refusal(issuer.sign()), TemporarilyUnavailable)


@pytest.mark.parametrize("secret", [lambda: 1 / 0, lambda: None, lambda: ""], ids=range(3))
def test_fails_closed_without_its_secret(issuer: IssuerServer, secret: Any) -> None:
    assert isinstance(API(issuer, secret).refusal(issuer.sign()), TemporarilyUnavailable)
    assert issuer.count(INTROSPECT) == 0


def fail(issuer: IssuerServer, api: API, times: int) -> None:
    for _ in range(times):
        assert isinstance(api.refusal(issuer.sign()), TemporarilyUnavailable)


def test_stops_asking_who_does_not_answer(
    issuer: IssuerServer, api: API, caplog: pytest.LogCaptureFixture
) -> None:
    api.accept(issuer.sign())
    issuer.status = 500
    fail(issuer, api, 20)

    assert issuer.count(INTROSPECT) == 1 + 3
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "are answered with 503" in errors[0].message


def test_tries_again_by_one_request_after_a_pause(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    issuer.status = 500
    fail(issuer, api, 3)
    api.now += PAUSE
    fail(issuer, api, 10)

    assert issuer.count(INTROSPECT) == 1 + 3 + 1


def test_says_how_long_it_will_not_ask(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    issuer.status = 500
    fail(issuer, api, 3)
    api.now += timedelta(seconds=3)

    refusal = api.refusal(issuer.sign())

    assert isinstance(refusal, TemporarilyUnavailable)
    assert refusal.retry_after == 2


def test_goes_on_when_the_endpoint_is_back(
    issuer: IssuerServer, api: API, caplog: pytest.LogCaptureFixture
) -> None:
    api.accept(issuer.sign())
    issuer.status = 500
    fail(issuer, api, 5)
    issuer.status = 200
    api.now += PAUSE

    assert api.accept(issuer.sign()).client_id == "reporting"
    assert api.accept(issuer.sign()).client_id == "reporting"
    assert "answers again" in caplog.text


def test_what_was_answered_just_now_survives_an_outage(issuer: IssuerServer, api: API) -> None:
    known = issuer.sign()
    api.accept(known)
    issuer.stop()
    fail(issuer, api, 3)

    assert api.accept(known).client_id == "reporting"


def test_a_slow_endpoint_is_not_waited_for(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    issuer.delay = threading.Event()
    began_at = time.monotonic()
    fail(issuer, api, 1)
    waited = time.monotonic() - began_at
    issuer.delay.set()

    assert waited < 3


def test_no_secret_and_no_token_is_logged(
    issuer: IssuerServer, api: API, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = issuer.sign()
    api.accept(issuer.sign())
    issuer.status = 401
    fail(issuer, api, 3)
    api.refusal(token)

    assert SECRET not in caplog.text
    assert token not in caplog.text
    assert token.rpartition(".")[2] not in caplog.text


def test_looks_the_endpoint_up_again_at_times(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    issuer.metadata["introspection_endpoint"] = f"{issuer.issuer}{MOVED}"
    api.now += timedelta(minutes=4)
    api.accept(issuer.sign())
    api.now += timedelta(minutes=1)
    api.accept(issuer.sign())

    assert (issuer.count(INTROSPECT), issuer.count(MOVED)) == (2, 1)


def test_goes_on_asking_where_it_asked_before(issuer: IssuerServer, api: API) -> None:
    api.accept(issuer.sign())
    issuer.metadata["introspection_endpoint"] = 7
    api.now += timedelta(minutes=4)
    api.accept(issuer.sign())
    api.now += timedelta(minutes=4)
    api.accept(issuer.sign())

    assert issuer.count(INTROSPECT) == 3


def test_waiting_for_as_many_answers_as_it_may_is_no_failure_of_the_issuer(
    issuer: IssuerServer, api: API
) -> None:
    api.accept(issuer.sign())
    issuer.delay = threading.Event()
    waiting = [threading.Thread(target=api.accept, args=[issuer.sign()]) for _ in range(AT_ONCE)]
    for thread in waiting:
        thread.start()
    while issuer.count(INTROSPECT) <= AT_ONCE:
        time.sleep(0.01)

    refusals = [api.refusal(issuer.sign()) for _ in range(4)]
    issuer.delay.set()
    for thread in waiting:
        thread.join()

    assert {getattr(one, "retry_after", None) for one in refusals} == {1}
    assert api.accept(issuer.sign()).client_id == "reporting"
