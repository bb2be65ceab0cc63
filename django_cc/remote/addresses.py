"""To which addresses a document of another server may be fetched from: public ones, as a rule.

A name that strangers or partners choose may resolve to the loopback interface, to a neighbour in
the data centre, or to a cloud's metadata service. So what it resolves to is judged, and what was
judged is connected to: the name is never asked for a second time.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from django_cc.protocol.networks import IPNetwork
from django_cc.remote.unavailable import DocumentUnavailable

IPAddress: TypeAlias = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: an IPv4 address in the last 32 bits
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 §2.4, as allocated so far
# Of these the library's `is_global` says yes in one version of Python or another.
_SPECIAL_IPV4 = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890: protocol assignments
    IPv4Network("192.88.99.0/24"),  # RFC 7526: relays of 6to4
)
_SPECIAL_IPV6 = (
    IPv6Network("2001::/23"),  # RFC 2928: Teredo, benchmarks, ORCHID
    IPv6Network("2001:db8::/32"),  # RFC 3849: documentation
    IPv6Network("2002::/16"),  # RFC 3056: 6to4, an IPv4 address inside
    IPv6Network("3fff::/20"),  # RFC 9637: documentation
)


def resolve(host: str, port: int, allowed: tuple[IPNetwork, ...]) -> list[IPAddress]:
    """Return the addresses of `host`, each of which may be connected to.

    Takes as long as the system's resolver does: run it where nobody waits without a bound.

    Args:
        host: a name or an address.
        port: 1 to 65535.
        allowed: networks that may be connected to besides public addresses.

    Raises:
        DocumentUnavailable: it does not resolve, or one of its addresses is forbidden.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DocumentUnavailable("its host name does not resolve") from None
    addresses = [_read_address(sockaddr) for *_others, sockaddr in found]
    # All of them: a name with one forbidden address has no business here.
    for address in addresses:
        require_allowed(address, allowed)
    if not addresses:
        raise DocumentUnavailable("its host name does not resolve")
    return list(dict.fromkeys(addresses))


def require_allowed(address: IPAddress, allowed: tuple[IPNetwork, ...]) -> None:
    """Return if `address` is public or in a network that is allowed.

    Raises:
        DocumentUnavailable: it is not.
    """
    meant = _find_meant(address)
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise DocumentUnavailable("its host name resolves to an address of one link")
    if not _is_public(meant) and not any(meant in network for network in allowed):
        raise DocumentUnavailable("its host name resolves to an address that is not public")


def _read_address(sockaddr: tuple[object, ...]) -> IPAddress:
    host, _port, *rest = sockaddr
    address = ip_address(str(host))
    if isinstance(address, IPv6Address) and any(rest[1:]):  # flow, scope
        return IPv6Address(f"{address.compressed.partition('%')[0]}%{rest[1]}")
    return address


def _find_meant(address: IPAddress) -> IPAddress:
    """Return the IPv4 address where IPv6 only carries one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: IPAddress) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_IPV6)
