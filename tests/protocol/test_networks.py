"""RFC 6749 §5.2: a client that may not ask from where it asks."""

from ipaddress import ip_network

import pytest

from django_cc.protocol.errors import RefusalReason, UnauthorizedClient
from django_cc.protocol.networks import parse_network, require_allowed_network

NETWORKS = (ip_network("10.0.0.0/8"), ip_network("192.0.2.7/32"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize("address", ["10.255.255.255", "10.0.0.0", "192.0.2.7", "2001:db8:ffff::1"])
def test_lets_in_who_comes_from_one_of_the_networks(address: str) -> None:
    require_allowed_network(NETWORKS, address)


@pytest.mark.parametrize("address", ["192.0.2.8", "::1", None, "no address"], ids=repr)
def test_lets_in_everybody_where_no_network_is_named(address: str | None) -> None:
    require_allowed_network(None, address)


ELSEWHERE = ["11.0.0.0", "9.255.255.255", "192.0.2.6", "2001:db9::", "::a00:1", "::ffff:9.0.0.1"]


@pytest.mark.rfc("6749", "5.2", "unauthorized_client: the authenticated client is not authorized")
@pytest.mark.parametrize("address", [*ELSEWHERE, None, "", "no address"], ids=repr)
def test_refuses_everybody_else_and_whoever_cannot_be_told(address: str | None) -> None:
    with pytest.raises(UnauthorizedClient) as refusal:
        require_allowed_network(NETWORKS, address)

    assert refusal.value.reason is RefusalReason.NETWORK_NOT_ALLOWED


@pytest.mark.parametrize("address", ["10.0.0.1", "::1"])
def test_an_empty_list_of_networks_is_nowhere(address: str) -> None:
    with pytest.raises(UnauthorizedClient):
        require_allowed_network((), address)


@pytest.mark.parametrize(("network", "address"), [("0.0.0.0/0", "::1"), ("::/0", "10.0.0.1")])
def test_all_of_one_family_is_nothing_of_the_other(network: str, address: str) -> None:
    with pytest.raises(UnauthorizedClient):
        require_allowed_network((ip_network(network),), address)


READ = {
    "10.0.0.0/8": "10.0.0.0/8",
    "10.0.0.0/255.0.0.0": "10.0.0.0/8",
    "10.1.2.3": "10.1.2.3/32",
    "2001:DB8::/32": "2001:db8::/32",
    "2001:db8::1": "2001:db8::1/128",
    "::/0": "::/0",
    "::ffff:10.0.0.0/104": "10.0.0.0/8",
    "::ffff:0:0/96": "0.0.0.0/0",
    "::ffff:10.1.2.3": "10.1.2.3/32",
}


@pytest.mark.parametrize(("text", "network"), READ.items(), ids=READ)
def test_reads_a_network_and_says_ipv4_as_addresses_do(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


WRONG = ["", "here", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "fe80::%eth0/64", " 10.0.0.0/8", "/8"]


@pytest.mark.parametrize("text", WRONG)
def test_refuses_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_network(text)


def test_clears_the_bits_behind_the_prefix_when_told_to() -> None:
    assert str(parse_network("10.0.0.1/8", strict=False)) == "10.0.0.0/8"
