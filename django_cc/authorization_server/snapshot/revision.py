"""Number the changes, so that every process can tell what it has not seen."""

import time

from django.db import models, transaction
from django.db.models import F

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot import current
from django_cc.models import Revision
from django_cc.models.revision import THE_ONE_ROW


def publish(*changed: models.Model) -> None:
    """Give this transaction's change its number and stamp the aggregates that changed.

    Call it last in the transaction: the lock it takes on the one row makes numbers appear in the
    order of commits. On commit, this process looks again at once; the others within
    `PROPAGATION_SECONDS`.

    Raises:
        RuntimeError: there is no transaction.
    """
    database = get_database()
    if not transaction.get_connection(database).in_atomic_block:
        raise RuntimeError("publish() belongs at the end of a transaction.")
    number = _next_number(database)
    for aggregate in changed:
        type(aggregate)._default_manager.using(database).filter(pk=aggregate.pk).update(
            revision=number
        )
    transaction.on_commit(current.look_again, using=database)


def lock_revision() -> None:
    """Hold the lock that orders changes until the end of the transaction.

    For changes that must look before they leap, such as making the first signing key.
    """
    rows = Revision.objects.using(get_database())
    rows.get_or_create(pk=THE_ONE_ROW, defaults=_first_number())
    rows.select_for_update().get(pk=THE_ONE_ROW)


def _next_number(database: str) -> int:
    rows = Revision.objects.using(database)
    rows.get_or_create(pk=THE_ONE_ROW, defaults=_first_number())
    rows.filter(pk=THE_ONE_ROW).update(number=F("number") + 1)
    return rows.values_list("number", flat=True).get(pk=THE_ONE_ROW)


def _first_number() -> dict[str, int]:
    # A table emptied by a flush starts above every number given out before, so that no process
    # takes an old snapshot for the new state: microseconds grow faster than changes.
    return {"number": time.time_ns() // 1000}
