"""URLs of documents: which are read, and as what."""

import pytest

from django_cc.remote.document_url import DocumentURL, UnacceptableURL

REFUSED = {
    "": "use https",
    "keys.example.com/jwks.json": "use https",
    "http://keys.example.com/": "use https",
    "ftp://keys.example.com/": "use https",
    "file:///etc/passwd": "use https",
    "gopher://127.0.0.1:6379/_FLUSHALL": "use https",
    "https:///jwks.json": "no host",
    "https://": "no host",
    "https://:443/": "no host",
    "https://user@keys.example.com/": "no user",
    "https://user:secret@keys.example.com/": "no user",
    "https://keys.example.com@127.0.0.1/": "no user",
    "https://@keys.example.com/": "no user",
    "https://keys.example.com/#keys": "no fragment",
    "https://keys.example.com/#": "no fragment",
    "https://keys.example.com:0/": "no host",
    "https://keys.example.com:65536/": "not a URL",
    "https://keys.example.com:x/": "not a URL",
    "https://[::1/": "not a URL",
    "https://[fe80::1%25eth0]/": "no host",
    "https://keys_example.com-/": "no host",
    "https://keys.example.com%00.evil.example/": "no host",
    "https://127.0.0.1%2f@keys.example.com/": "no user",
    "https://keys.example.com /": "without blanks",
    " https://keys.example.com/": "without blanks",
    "https://keys.example.com/\r\nHost: evil.example": "without blanks",
    "https://keys.example.com\\@127.0.0.1/": "without blanks",
    "https://k\u00e9ys.example.com/": "ASCII",
    "https://keys\u3002example\u3002com/": "ASCII",
    "https://keys.example.com/" + "a" * 2000: "not a URL",
}


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: repr(url[:50]))
def test_refuses(url: str) -> None:
    with pytest.raises(UnacceptableURL, match=REFUSED[url]):
        DocumentURL.parse(url)


def test_reads_a_url() -> None:
    found = DocumentURL.parse("https://Keys.Example.com:8443/a/jwks.json?tenant=1")

    assert found == DocumentURL(
        is_secure=True, host="keys.example.com", port=8443, target="/a/jwks.json?tenant=1"
    )
    assert found.host_header == "keys.example.com:8443"


@pytest.mark.parametrize(
    ("url", "port", "host_header"),
    [
        ("https://keys.example.com", 443, "keys.example.com"),
        ("https://keys.example.com:443/", 443, "keys.example.com"),
        ("https://[2606:4700::1111]/", 443, "[2606:4700::1111]"),
        ("https://[2606:4700::1111]:8443/", 8443, "[2606:4700::1111]:8443"),
        ("http://keys.example.com/", 80, "keys.example.com"),
        ("http://keys.example.com:443/", 443, "keys.example.com:443"),
    ],
)
def test_names_the_host_as_http_wants_it(url: str, port: int, host_header: str) -> None:
    found = DocumentURL.parse(url, plain_http=True)

    assert (found.port, found.host_header, found.target) == (port, host_header, "/")
