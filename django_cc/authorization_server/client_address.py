"""The network address a request came from."""

from ipaddress import ip_address

from django.http import HttpRequest

from django_cc.authorization_server.settings import get_settings


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
        return str(ip_address(address.partition("%")[0]))  # without the zone, which is free text
    except ValueError:
        return None
