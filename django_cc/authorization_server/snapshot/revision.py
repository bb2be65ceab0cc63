"""Number the changes, so that every process can tell what it has not seen."""

import time

from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

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

    Call it first in a change that looks before it leaps: whatever it reads afterwards stays
    true until it commits. It writes, because SQLite gives a transaction that has read before
    it wrote no second chance.
    """
    _set_number(get_database(), F("number"))


def _next_number(database: str) -> int:
    # At least the microseconds since the epoch: after a flush or a restored backup no number is
    # given out twice, and no process takes its old snapshot for the new state.
    microseconds = time.time_ns() // 1000
    _set_number(database, Greatest(F("number") + 1, Value(microseconds)))
    return Revision.objects.using(database).values_list("number", flat=True).get(pk=THE_ONE_ROW)


def _set_number(database: str, number: Combinable) -> None:
    rows = Revision.objects.using(database)
    if not rows.filter(pk=THE_ONE_ROW).update(number=number):
        rows.get_or_create(pk=THE_ONE_ROW, defaults={"number": 0})
        rows.filter(pk=THE_ONE_ROW).update(number=number)
