"""Bar charts as inline SVG, drawn on the server, each with the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

MOST_BARS: Final = 60
_WIDTH: Final = 720
_HEIGHT: Final = 120  # of the highest bar, in the units of the view box
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened in one stretch of time.

    Attributes:
        label: the time, for the table and for whoever points at the bar.
        issued: tokens issued.
        refused: token requests refused.
        tick: what the axis says below it; empty for most.
    """

    label: str
    issued: int
    refused: int
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A bar as drawn: text, because numbers in templates are written as the reader's language has.

    The refused part stands on the issued one.
    """

    bar: Bar
    x: str
    middle: str
    width: str
    issued_y: str
    issued_height: str
    refused_y: str
    refused_height: str


@dataclass(frozen=True, slots=True)
class UsageChart:
    """Issued and refused token requests over time.

    Attributes:
        name: its element ID.
        title: what it shows, in a few words.
        bars: at most 60, the earliest first.
    """

    name: str
    title: str
    bars: Sequence[Bar]

    def __post_init__(self) -> None:
        """Refuse what cannot be read on a screen.

        Raises:
            ValueError: more bars than `MOST_BARS`.
        """
        if len(self.bars) > MOST_BARS:
            raise ValueError(f"A chart has at most {MOST_BARS} bars.")

    @property
    def issued(self) -> int:
        """All tokens issued."""
        return sum(bar.issued for bar in self.bars)

    @property
    def refused(self) -> int:
        """All requests refused."""
        return sum(bar.refused for bar in self.bars)

    @property
    def top(self) -> int:
        """The number at the top of the axis: 1, 2, 3, 4, 5 or 8 times a power of ten."""
        highest = max((bar.issued + bar.refused for bar in self.bars), default=0)
        return _round_up(max(highest, 1))

    def columns(self) -> list[Column]:
        """Return the bars with their places in the view box of 720 × 120."""
        step = _WIDTH / max(len(self.bars), 1)
        return [self._place(bar, number * step, step) for number, bar in enumerate(self.bars)]

    def _place(self, bar: Bar, x: float, step: float) -> Column:
        issued = _HEIGHT * bar.issued / self.top
        refused = _HEIGHT * bar.refused / self.top
        return Column(
            bar=bar,
            x=_write(x + _GAP / 2),
            middle=_write(x + step / 2),
            width=_write(step - _GAP),
            issued_y=_write(_HEIGHT - issued),
            issued_height=_write(issued),
            refused_y=_write(_HEIGHT - issued - refused),
            refused_height=_write(refused),
        )


def _round_up(number: int) -> int:
    power: int = 10 ** int(log10(number))
    return next(power * step for step in (1, 2, 3, 4, 5, 8, 10) if number <= power * step)


def _write(number: float) -> str:
    return f"{ceil(number * 100) / 100:g}"
