"""To which addresses a fetch may connect."""

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from django_cc.remote.addresses import require_allowed, resolve
from django_cc.remote.unavailable import DocumentUnavailable
from tests.remote.fixtures import HOST, Names

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",  # RFC 4291 §2.5.5.2
    "64:ff9b::8.8.8.8",  # RFC 6052: an IPv4 host as an IPv6-only network sees it
]
FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",  # RFC 6598: carriers
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # metadata of clouds
    "172.16.0.1",
    "192.0.0.1",
    "192.0.0.9",  # RFC 7723: anycast inside the protocol assignments
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # RFC 4291 §2.5.5.1: deprecated
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",  # RFC 2765: translated
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",  # RFC 8215: local use
    "100::1",
    "2001::1",  # Teredo
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata by IPv6
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_allows_public_addresses(address: str) -> None:
    require_allowed(ip_address(address), ())


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbids_all_others(address: str) -> None:
    with pytest.raises(DocumentUnavailable, match="not public"):
        require_allowed(ip_address(address), ())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3"])
def test_allows_a_network_of_ones_own_however_it_is_written(address: str) -> None:
    require_allowed(ip_address(address), (ip_network("10.1.0.0/16"),))


@pytest.mark.parametrize("address", ["10.2.0.1", "127.0.0.1", "::1"])
def test_allows_nothing_beside_it(address: str) -> None:
    with pytest.raises(DocumentUnavailable, match="not public"):
        require_allowed(ip_address(address), (ip_network("10.1.0.0/16"),))


def test_forbids_an_address_of_one_link_even_in_an_allowed_network() -> None:
    with pytest.raises(DocumentUnavailable, match="one link"):
        require_allowed(ip_address("fe80::1%eth0"), (ip_network("fe80::/10"),))


def test_forbids_what_the_resolver_bound_to_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::1111", 443, 0, 3))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found)

    with pytest.raises(DocumentUnavailable, match="one link"):
        resolve(HOST, 443, ())


def test_forbids_a_name_with_one_address_that_is_forbidden(resolver: Names) -> None:
    resolver.answer(HOST, ["8.8.8.8", "2606:4700::1111", "127.0.0.1"])

    with pytest.raises(DocumentUnavailable, match="not public"):
        resolve(HOST, 443, ())


def test_returns_every_address_once_in_the_order_of_the_resolver(resolver: Names) -> None:
    resolver.answer(HOST, ["2606:4700::1111", "8.8.8.8", "2606:4700::1111"])

    assert list(map(str, resolve(HOST, 443, ()))) == ["2606:4700::1111", "8.8.8.8"]


def test_says_that_a_name_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none(*_arguments: Any, **_options: Any) -> list[Any]:
        return []

    monkeypatch.setattr(socket, "getaddrinfo", find_none)

    with pytest.raises(DocumentUnavailable, match="does not resolve"):
        resolve(HOST, 443, ())


@pytest.mark.parametrize("host", ["127.1", "0x7f.0.0.1", "2130706433", "017700000001"])
def test_forbids_addresses_in_the_spellings_of_the_resolver(host: str) -> None:
    with pytest.raises(DocumentUnavailable):
        resolve(host, 443, ())


def test_says_that_a_name_is_too_long_to_be_one() -> None:
    with pytest.raises(DocumentUnavailable, match="does not resolve"):
        resolve("a" * 300, 443, ())
