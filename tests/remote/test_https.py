"""Fetching a document of another server: what is accepted, and what becomes of the rest."""

import ssl
import threading
import time
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import trustme

from django_cc.remote.bounded_work import Slots
from django_cc.remote.https import FetchPolicy, fetch_json
from django_cc.remote.unavailable import DocumentUnavailable
from tests.remote.fixtures import ALLOWING, HERE, HOST, Names, issue
from tests.remote.servers import Answer, say, say_json, say_nothing, send, send_forever, serve

QUICK = FetchPolicy(timeout=timedelta(seconds=0.6), allowed_networks=(HERE,))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def why(url: str, policy: FetchPolicy = ALLOWING, **more: Any) -> str:
    with pytest.raises(DocumentUnavailable) as caught:
        fetch_json(url, policy, **more)
    return caught.value.reason


def test_returns_the_document_and_for_how_long_it_may_be_kept(
    server_tls: ssl.SSLContext, resolver: Names
) -> None:
    with serve(
        say_json({"keys": []}, "Cache-Control: public, max-age=90"), tls=server_tls
    ) as server:
        found = fetch_json(server.url("/a/jwks.json?v=1", host=HOST), ALLOWING)

    assert found.content == {"keys": []}
    assert found.max_age == timedelta(seconds=90)
    assert server.requests[0].startswith("GET /a/jwks.json?v=1 HTTP/1.1\r\n")


FRESHNESS: dict[str, tuple[tuple[str, ...], int | None]] = {  # in seconds
    "nothing said": ((), None),
    "max-age": (("Cache-Control: max-age=300",), 300),
    "among others": (("Cache-Control: public, MAX-AGE=300, immutable",), 300),
    "quoted": (('Cache-Control: max-age="300"',), 300),
    "in two lines": (("Cache-Control: public", "Cache-Control: max-age=300"), 300),
    "another word": (("Cache-Control: x-max-age=300",), None),
    "no number": (("Cache-Control: max-age=soon",), None),
    "negative": (("Cache-Control: max-age=-1",), None),
    "old already": (("Cache-Control: max-age=300", "Age: 100"), 200),
    "too old already": (("Cache-Control: max-age=300", "Age: 400"), 0),
    "an age that is none": (("Cache-Control: max-age=300", "Age: -1"), 300),
    "not to be kept": (("Cache-Control: no-store, max-age=300",), 0),
    "to be asked for each time": (("Cache-Control: no-cache",), 0),
}


@pytest.mark.parametrize("case", FRESHNESS)
def test_reads_for_how_long_a_document_may_be_kept(server_tls: ssl.SSLContext, case: str) -> None:
    headers, seconds = FRESHNESS[case]

    with serve(say_json({}, *headers), tls=server_tls) as server:
        found = fetch_json(server.url(), ALLOWING)

    assert found.max_age == (None if seconds is None else timedelta(seconds=seconds))


def test_sends_nothing_but_what_it_wants(server_tls: ssl.SSLContext, resolver: Names) -> None:
    with serve(say_json({}), tls=server_tls) as server:
        fetch_json(server.url(host=HOST), ALLOWING)

    sent = dict(line.split(": ") for line in server.requests[0].strip().split("\r\n")[1:])
    assert sent == {
        "Host": f"{HOST}:{server.port}",
        "Accept": "application/json, application/jwk-set+json",
        "Accept-Encoding": "identity",
        "User-Agent": "django-client-credentials",
        "Connection": "close",
    }


def test_connects_to_the_address_it_has_judged_and_asks_for_the_name_once(
    server_tls: ssl.SSLContext, resolver: Names, connected_to: list[Any]
) -> None:
    with serve(say_json({}), tls=server_tls) as server:
        fetch_json(server.url(host=HOST), ALLOWING)

    assert connected_to == [("127.0.0.1", server.port)]
    assert resolver.asked == [HOST]


def test_tries_the_next_address_where_one_refuses(
    server_tls: ssl.SSLContext, resolver: Names
) -> None:
    resolver.answer(HOST, ["::1", "127.0.0.1"])
    both = FetchPolicy(allowed_networks=(HERE, ip_network("::1/128")))

    with serve(say_json({"a": 1}), tls=server_tls) as server:
        found = fetch_json(server.url(host=HOST), both)

    assert found.content == {"a": 1}


def test_fetches_from_an_address_that_the_certificate_names(server_tls: ssl.SSLContext) -> None:
    with serve(say_json({"a": 1}), tls=server_tls) as server:
        assert fetch_json(server.url(), ALLOWING).content == {"a": 1}


def test_refuses_a_certificate_for_another_name(
    server_tls: ssl.SSLContext, authority: trustme.CA, resolver: Names
) -> None:
    with serve(say_json({}), tls=issue(authority, "other.example.com")) as server:
        reason = why(server.url(host=HOST))

    assert reason == "its certificate is not valid for this host"
    assert server.requests == []


def test_refuses_a_certificate_of_an_authority_that_nobody_trusts(
    server_tls: ssl.SSLContext, resolver: Names
) -> None:
    with serve(say_json({}), tls=issue(trustme.CA(), HOST)) as server:
        reason = why(server.url(host=HOST))

    assert reason == "its certificate is not valid for this host"
    assert server.requests == []


def test_refuses_a_server_without_tls(server_tls: ssl.SSLContext) -> None:
    with serve(say_json({}), tls=None) as server:
        assert why(server.url().replace("http:", "https:")) == "TLS failed"


def test_fetches_by_plain_http_only_where_the_policy_says_so() -> None:
    plain = FetchPolicy(allowed_networks=(HERE,), plain_http=True)
    with serve(say_json({"a": 1}), tls=None) as server:
        assert why(server.url()) == "use https://"
        assert server.connections == 0
        assert fetch_json(server.url(), plain).content == {"a": 1}


def test_asks_no_proxy_of_the_environment(
    server_tls: ssl.SSLContext,
    resolver: Names,
    monkeypatch: pytest.MonkeyPatch,
    connected_to: list[Any],
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with serve(say_json({}), tls=server_tls) as server:
        fetch_json(server.url(host=HOST), ALLOWING)

    assert connected_to == [("127.0.0.1", server.port)]


NOT_JSON = "it is not a JSON object"
BROKEN = "the connection broke off"
TOO_LONG = "it is longer than 65536 bytes"
BAD_ANSWERS: dict[str, tuple[Answer, str]] = {
    "another status": (say(b"{}", status="404 Not Found"), "it answers with status 404"),
    "a part": (say(b"{}", status="206 Partial Content"), "it answers with status 206"),
    "HTML": (say(b"{}", media_type="text/html"), "its media type is not JSON"),
    "no media type": (say(b"{}", media_type=""), "its media type is not JSON"),
    "a script": (say(b"{}", media_type="application/jsonp"), "its media type is not JSON"),
    "gzip": (say(b"{}", "Content-Encoding: gzip"), "it is compressed, which was not asked for"),
    "an array": (say(b"[]"), NOT_JSON),
    "a text": (say(b'"text"'), NOT_JSON),
    "nothing": (say(b""), NOT_JSON),
    "a member twice": (say(b'{"a": 1, "a": 2}'), NOT_JSON),
    "an inner member twice": (say(b'{"a": {"b": 1, "b": 2}}'), NOT_JSON),
    "NaN": (say(b'{"a": NaN}'), NOT_JSON),
    "infinity": (say(b'{"a": -Infinity}'), NOT_JSON),
    "no UTF-8": (say(b'{"a": "\xff"}'), NOT_JSON),
    "deep nesting": (say(b"[" * 60_000), NOT_JSON),
    "a number of 60,000 digits": (say(b'{"a": ' + b"9" * 60_000 + b"}"), NOT_JSON),
    "a byte too many": (say(b"{}" + b" " * 65_535), TOO_LONG),
    "a body cut short": (send(HEAD + b"Content-Length: 10\r\n\r\n{}"), BROKEN),
    "no HTTP": (send(b"nonsense\r\n\r\n"), BROKEN),
    "silence and a close": (send(b""), BROKEN),
    "200 headers": (send(HEAD + b"X: y\r\n" * 200 + b"\r\n{}"), BROKEN),
    "a long header": (send(HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n{}"), BROKEN),
    "a bad chunk": (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), BROKEN),
}
GOOD_ANSWERS: dict[str, Answer] = {
    "a charset": say(b"{}", media_type="application/json; charset=utf-8"),
    "the media type of JWK Sets": say(b"{}", media_type="application/jwk-set+json"),
    "capitals": say(b"{}", media_type="Application/JSON"),
    "no compression, said aloud": say(b"{}", "Content-Encoding: identity"),
    "as many bytes as allowed": say(b"{}" + b" " * 65_534),
    "chunks": send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
    "no length": send(HEAD + b"\r\n{}"),
}
DRIPS: dict[str, Answer] = {
    "silence": say_nothing,
    "status": send_forever(b"HTTP/1.1 200", b" ", pause=0.05),
    "header": send_forever(b"HTTP/1.1 200 OK\r\nX: ", b"y", pause=0.05),
    "continue": send_forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05),
    "body": send_forever(HEAD + b"\r\n", b" ", pause=0.05),
    "body with a length": send_forever(HEAD + b"Content-Length: 60000\r\n\r\n", b" ", pause=0.05),
    "chunks": send_forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", pause=0.05),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_refuses(server_tls: ssl.SSLContext, case: str) -> None:
    answer, reason = BAD_ANSWERS[case]

    with serve(answer, tls=server_tls) as server:
        assert why(server.url()) == reason


@pytest.mark.parametrize("case", GOOD_ANSWERS)
def test_accepts(server_tls: ssl.SSLContext, case: str) -> None:
    with serve(GOOD_ANSWERS[case], tls=server_tls) as server:
        assert fetch_json(server.url(), ALLOWING).content == {}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 Same", "308 Same"])
def test_follows_no_redirect(server_tls: ssl.SSLContext, status: str) -> None:
    with serve(say_json({"keys": []}), tls=server_tls) as target:
        away = say(b"{}", f"Location: {target.url()}", status=status)
        with serve(away, tls=server_tls) as server:
            assert why(server.url()) == "it redirects, which is not followed"

    assert target.connections == 0


@pytest.mark.parametrize("drip", DRIPS)
def test_gives_up_when_the_time_is_up_however_it_drips(
    server_tls: ssl.SSLContext, drip: str
) -> None:
    slots = Slots(1)
    with serve(DRIPS[drip], tls=server_tls) as server:
        began = time.monotonic()
        reason = why(server.url(), QUICK, slots=slots)
        took = time.monotonic() - began

        assert reason in {"no answer within 0.6 s", "no answer in time"}
        assert took < 1.5
        assert _is_free_soon(slots)


def test_gives_up_on_a_handshake_that_never_ends(server_tls: ssl.SSLContext) -> None:
    slots = Slots(1)
    with serve(say_nothing, tls=None) as server:
        url = server.url().replace("http:", "https:")
        assert why(url, QUICK, slots=slots) in {"no answer within 0.6 s", "no answer in time"}
        assert _is_free_soon(slots)


def test_gives_up_on_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = Hang()
    monkeypatch.setattr("socket.getaddrinfo", hangs)
    slots = Slots(1)

    try:
        assert why(f"https://{HOST}/", QUICK, slots=slots) == "no answer within 0.6 s"
        assert why(f"https://{HOST}/", QUICK, slots=slots) == (
            "too many other documents are being fetched"
        )
    finally:
        hangs.end()
    assert _is_free_soon(slots)


def test_connects_no_more_after_the_time_was_up(
    monkeypatch: pytest.MonkeyPatch, connected_to: list[Any]
) -> None:
    hangs = Hang()
    monkeypatch.setattr("socket.getaddrinfo", hangs)
    slots = Slots(1)

    with serve(say_json({}), tls=None) as server:
        hangs.answer = [(2, 1, 6, "", ("127.0.0.1", server.port))]
        why(server.url().replace("http:", "https:"), QUICK, slots=slots)
        hangs.end()

        assert _is_free_soon(slots)
        assert connected_to == []


def test_says_that_nobody_listens(server_tls: ssl.SSLContext) -> None:
    with serve(say_json({}), tls=server_tls) as server:
        url = server.url()

    assert why(url) == "connection refused"


def test_says_that_a_name_does_not_resolve(resolver: Names) -> None:
    assert why("https://nowhere.example.com/") == "its host name does not resolve"


class Hang:
    """A resolver that does not answer until it is told to."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.answer: list[Any] = []

    def __call__(self, *arguments: Any, **options: Any) -> list[Any]:
        self._ended.wait(30)
        return self.answer

    def end(self) -> None:
        self._ended.set()


def _is_free_soon(slots: Slots) -> bool:
    for _attempt in range(100):
        try:
            slots.take()()
        except DocumentUnavailable:
            time.sleep(0.05)
        else:
            return True
    return False
