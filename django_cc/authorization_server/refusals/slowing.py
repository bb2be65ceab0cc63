"""Slow down who fails again and again (RFC 6749 §2.3.1); who succeeds is never slowed.

Failures are counted in Django's cache, for the address and for the client ID, whether or not
there is such a client. A cache that all processes share makes it one limit.
"""

import logging
from datetime import datetime
from ipaddress import ip_address

from django.core.cache import cache

from django_cc.authorization_server.settings import get_settings

logger = logging.getLogger(__name__)

_MINUTE = 60
_IPV6 = 6
_BITS_OF_ONE_HOST = 64  # an IPv6 host has this much of its address to choose


def count_failure(
    address: str | None, client_id_digest: str | None, *, now: datetime
) -> int | None:
    """Count a request that failed to authenticate.

    Args:
        address: where it came from, if that could be told.
        client_id_digest: of the client ID it named, if it named one.
        now: aware UTC.

    Returns:
        The seconds to wait where the limit is exceeded, else None. Also where the cache is
        away: what failed is refused anyway.
    """
    limit = get_settings().failed_requests_per_minute
    if limit is None:
        return None
    minute, seconds = divmod(int(now.timestamp()), _MINUTE)
    try:
        counts = [_count(f"{minute}:{name}") for name in _list_names(address, client_id_digest)]
    except Exception:  # each cache raises its own
        logger.exception("Failed requests cannot be counted: the cache is away.")
        return None
    return _MINUTE - seconds if max(counts, default=0) > limit else None


def _list_names(address: str | None, client_id_digest: str | None) -> list[str]:
    names = [] if address is None else [f"address:{_find_host(address)}"]
    return names if client_id_digest is None else [*names, f"client:{client_id_digest}"]


def _find_host(address: str) -> int:
    parsed = ip_address(address)
    return int(parsed) >> _BITS_OF_ONE_HOST if parsed.version == _IPV6 else int(parsed)


def _count(name: str) -> int:
    key = f"django_cc:failed:{name}"
    cache.add(key, 0, timeout=2 * _MINUTE)
    return cache.incr(key)
