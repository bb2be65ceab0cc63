"""Slow down who fails again and again (RFC 6749 §2.3.1); who succeeds is never slowed.

Failures are counted for the host they come from. Nothing is counted for a client: whoever knows
its ID, which is no secret, could then turn its own failures into waiting, and see by the answer
that it lives.
"""

from datetime import datetime

from django_cc.authorization_server.client_address import find_host
from django_cc.authorization_server.minute_counter import minute_counter
from django_cc.authorization_server.settings import get_settings


def count_failure(address: str | None, *, now: datetime) -> int | None:
    """Count a request that failed to authenticate.

    Args:
        address: where it came from, if that could be told.
        now: aware UTC.

    Returns:
        The seconds to wait where `FAILED_REQUESTS_PER_MINUTE` is exceeded, else None. Also while
        the cache is away or slow: what failed is refused anyway.
    """
    limit = get_settings().failed_requests_per_minute
    if limit is None:
        return None
    return minute_counter.count(f"failed:{find_host(address)}", limit=limit, now=now)
