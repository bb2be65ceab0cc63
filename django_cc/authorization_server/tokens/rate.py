"""Hold a client to the number of tokens it may get in a minute."""

from datetime import datetime

from django_cc.authorization_server.minute_counter import minute_counter
from django_cc.protocol.client import Client
from django_cc.protocol.errors import RateExceeded


def require_within_rate(client: Client, *, now: datetime) -> None:
    """Count a token that is about to be made for an authenticated client.

    A client without a rate never touches the cache. While the cache is away or slow nothing is
    counted, and everybody gets tokens: a rate is there against programs gone wrong, and keeps
    nobody out who should not be in.

    Args:
        client: who has proved to be it and may have what it asks for.
        now: aware UTC.

    Raises:
        RateExceeded: it has had as many this minute as its rate says.
    """
    if client.rate is None:
        return
    wait = minute_counter.count(f"issued:{client.client_id}", limit=client.rate, now=now)
    if wait is not None:
        raise RateExceeded(retry_after=wait)
