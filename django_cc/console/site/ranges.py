"""The times that charts of usage can show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.usage.summary import Stretch
from django_cc.console.site.charts import Bar, UsageChart


@dataclass(frozen=True, slots=True)
class Range:
    """Some time up to now, in equal stretches.

    Attributes:
        name: its value in the address.
        title: for people.
        stretch: how long each bar of the chart stands for.
        count: how many bars; at most 60.
        label: how Django's date format writes the start of a stretch.
        tick: likewise, below the axis, for every sixth bar.
    """

    name: str
    title: Any  # a lazy translation
    stretch: timedelta
    count: int
    label: str
    tick: str

    def draw(self, stretches: "list[Stretch]", title: str) -> UsageChart:
        """Return the chart of these stretches."""
        bars = [
            Bar(
                label=_write(stretch.start, self.label),
                issued=stretch.issued,
                refused=stretch.refused,
                tick=_write(stretch.start, self.tick) if number % 6 == 0 else "",
            )
            for number, stretch in enumerate(stretches)
        ]
        return UsageChart("cc-usage", title, bars)


RANGES: Final = (
    Range("24h", _("24 hours"), timedelta(hours=1), 24, "j M, H:i", "H:i"),
    Range("7d", _("7 days"), timedelta(hours=6), 28, "j M, H:i", "j M"),
    Range("30d", _("30 days"), timedelta(days=1), 30, "j M Y", "j M"),
)


def find_range(name: str | None) -> Range:
    """Return the range of that name, the shortest where there is none."""
    return next((one for one in RANGES if one.name == name), RANGES[0])


def _write(moment: datetime, form: str) -> str:
    return date_format(timezone.localtime(moment), form)
