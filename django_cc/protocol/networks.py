"""Networks: from which a client may ask for tokens, and which is this machine's own."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from django_cc.protocol.errors import RefusalReason, UnauthorizedClient

IPNetwork: TypeAlias = IPv4Network | IPv6Network

_MAPPED = 96  # bits of ::ffff:0:0/96, in which IPv6 writes IPv4 (RFC 4291 §2.5.5.2)


def parse_network(text: str, *, strict: bool = True) -> IPNetwork:
    """Return the network of a CIDR such as 10.0.0.0/8 or 2001:db8::/32; an address is one too.

    What IPv6 writes of IPv4 (::ffff:10.0.0.0/104) becomes IPv4, as callers' addresses are told.

    Args:
        text: the CIDR.
        strict: whether bits behind the prefix are refused; else they are cleared.

    Raises:
        ValueError: it is none.
    """
    if "%" in text:
        raise ValueError("A network has no zone.")
    network = ip_network(text, strict=strict)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED:
        return network
    return IPv4Network((mapped, network.prefixlen - _MAPPED))


def is_loopback_host(host: str) -> bool:
    """Tell whether the host of a URL is this machine: its name, or an address of it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def require_allowed_network(networks: tuple[IPNetwork, ...] | None, address: str | None) -> None:
    """Return if an authenticated client may ask from `address` (RFC 6749 §5.2).

    Args:
        networks: any of which it may ask from; None for anywhere.
        address: the caller's; IPv4 as such, not as IPv6 writes it; None where it cannot be told.

    Raises:
        UnauthorizedClient: it may not, or the address cannot be told.
    """
    if networks is None or _is_within(networks, address):
        return
    raise UnauthorizedClient(
        "This client may not ask for tokens from this network.",
        reason=RefusalReason.NETWORK_NOT_ALLOWED,
    )


def _is_within(networks: tuple[IPNetwork, ...], address: str | None) -> bool:
    if address is None:
        return False
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
