"""Tell when the last token of a machine client ends, though tokens are not recorded."""

from datetime import datetime, timedelta
from typing import Final

from django_cc.authorization_server.token_lifetimes import find_token_lifetime_of
from django_cc.authorization_server.usage.buffer import LAST_USED_RESOLUTION
from django_cc.authorization_server.usage.figures import Usage
from django_cc.models import MachineClient

_HOUR: Final = timedelta(hours=1)


def find_last_end(client: MachineClient, usage: Usage, *, now: datetime) -> datetime | None:
    """Return when the last token that the client may have expires at the latest, or None.

    By its last use and the figures: tokens are not recorded. Revoked ones count too.
    """
    hours = [min(hour.hour + _HOUR, now) for hour in usage.hours if hour.issued]
    times = [*hours[-1:], *([usage.last_used_at] if usage.last_used_at else [])]
    if not times:
        return None
    # The figures know the hour; the last use knows the minute, and another may have followed in it.
    last = usage.last_used_at if _is_in_last_hour(usage) else max(times)
    issued = min((last or now) + LAST_USED_RESOLUTION, now)
    end = issued + find_token_lifetime_of(client)
    end = min(end, client.expires_at) if client.expires_at else end
    return end if end > now else None


def _is_in_last_hour(usage: Usage) -> bool:
    hours = [hour.hour for hour in usage.hours if hour.issued]
    return bool(hours and usage.last_used_at and usage.last_used_at >= hours[-1])
