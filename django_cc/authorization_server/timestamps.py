"""Times as programs read them."""

from datetime import UTC, datetime


def write_timestamp(time: datetime | None) -> str | None:
    """Return an aware time in ISO 8601, in UTC and whole seconds; None for none."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="seconds")
