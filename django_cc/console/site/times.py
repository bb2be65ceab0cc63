"""Write times as people read them."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext

MINUTE: Final = timedelta(minutes=1)


def format_time(time: datetime) -> str:
    """Return a time in the site's zone, which it names: “23 Nov 2026, 19:40 UTC”."""
    local = timezone.localtime(time)
    return f"{date_format(local, 'j M Y, H:i')} {local.tzname()}"


def format_distance(time: datetime, *, now: datetime) -> str:
    """Return how far `time` is from `now`: “just now”, “4 minutes ago”, “in 3 days”; one unit."""
    if now - MINUTE < time <= now:
        return gettext("just now")
    if time <= now:
        return gettext("%(time)s ago") % {"time": timesince(time, now, depth=1)}
    if time < now + MINUTE:
        return gettext("in less than a minute")
    return gettext("in %(time)s") % {"time": timeuntil(time, now, depth=1)}


def format_both(time: datetime, *, now: datetime) -> str:
    """Return the time and how far it is from `now`: “23 Nov 2026, 19:40 UTC (in 3 hours)”."""
    return f"{format_time(time)} ({format_distance(time, now=now)})"
