"""Where a request came from, behind none or several proxies."""

import pytest
from django.test import RequestFactory

from django_cc.authorization_server.client_address import get_client_address

PROXY = "10.0.0.1"


@pytest.mark.rfc("9700", "4.13", "Headers of proxies are believed only from our own")
@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("203.0.113.7", 0, PROXY),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"),
        ("203.0.113.7", 2, None),
        ("", 1, None),
        ("not an address", 1, None),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("fe80::1%eth0 forged", 1, "fe80::1"),
    ],
)
def test_believes_as_many_entries_as_there_are_proxies(
    forwarded: str, proxies: int, expected: str | None
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=forwarded)

    assert get_client_address(request, trusted_proxies=proxies) == expected


def test_knows_no_address_on_a_unix_socket() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="")

    assert get_client_address(request, trusted_proxies=0) is None
