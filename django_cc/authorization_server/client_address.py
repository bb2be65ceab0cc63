"""The network address a request came from."""

from ipaddress import ip_address, ip_network

from django.http import HttpRequest

from django_cc.authorization_server.settings import get_settings

_IPV6 = 6


def find_client_address(request: HttpRequest) -> str | None:
    """Return the IP address of the client by `TRUSTED_PROXIES`, or None when none can be told."""
    return get_client_address(request, trusted_proxies=get_settings().trusted_proxies)


def get_client_address(request: HttpRequest, *, trusted_proxies: int) -> str | None:
    """Return the IP address of the client, or None when none can be told.

    X-Forwarded-For is believed only as far as our own proxies wrote it: with N trusted proxies
    the Nth entry from the right. What stands further left, anybody may have sent (RFC 9700
    §4.13).
    """
    address = request.META.get("REMOTE_ADDR", "")
    if trusted_proxies:
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = entries[-trusted_proxies].strip() if len(entries) >= trusted_proxies else ""
    try:
        parsed = ip_address(_strip_port(address).partition("%")[0])  # the zone is free text
    except ValueError:
        return None
    # A socket for both families shows IPv4 callers as ::ffff:192.0.2.1.
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def find_host(address: str | None) -> str:
    """Return what stands for the host behind an address when requests are counted.

    An IPv6 host commonly has the last 64 bits of its address to choose: it is its /64.
    """
    if address is None:
        return "unknown"
    parsed = ip_address(address)
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == _IPV6 else str(parsed)


def _strip_port(address: str) -> str:
    # Some proxies write 192.0.2.1:4711 and [2001:db8::1]:4711.
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
