"""What stands for “leave this field alone” in an edit, where None means to empty it."""

from enum import Enum
from typing import Final


class Unchanged(Enum):
    """The value of a field that an edit leaves alone; None empties it."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
