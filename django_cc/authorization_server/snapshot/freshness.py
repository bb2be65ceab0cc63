"""How old the snapshot may be: for issuing, and for verifying while the database is away."""

from datetime import timedelta

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.snapshot.current import current_snapshot
from django_cc.authorization_server.snapshot.snapshot import Snapshot

# The thread looks at half of the time; a request does not begin before it is a little late.
_PATIENCE = 3 / 4


def get_snapshot_for_issuing() -> Snapshot:
    """Return a snapshot no older than `PROPAGATION_SECONDS`.

    Raises:
        SnapshotTooOldError: the database is away.
    """
    propagation = get_settings().propagation_seconds
    return current_snapshot.get(
        look_after=propagation * _PATIENCE, wait_after=propagation, max_age=propagation
    )


def get_snapshot_for_verification() -> Snapshot:
    """Return a snapshot no older than `MAX_STALENESS_SECONDS`, fresh while the database is there.

    Raises:
        SnapshotTooOldError: the database has been away for longer.
    """
    settings = get_settings()
    return current_snapshot.get(
        look_after=settings.propagation_seconds * _PATIENCE,
        wait_after=settings.propagation_seconds,
        max_age=settings.max_staleness_seconds,
    )


def get_snapshot_of_now() -> Snapshot:
    """Return a snapshot confirmed since the call, or, while the database is away, as above.

    For what proves that the snapshot is out of date: never for what a stranger can send.

    Raises:
        SnapshotTooOldError: the database has been away for `MAX_STALENESS_SECONDS`.
    """
    return current_snapshot.get(
        look_after=timedelta(0),
        wait_after=timedelta(0),
        max_age=get_settings().max_staleness_seconds,
    )
