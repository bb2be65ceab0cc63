"""Number the changes, so that every process can tell what it has not seen."""

import time
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.snapshot.current import current_snapshot
from django_cc.models import MachineClient, Revision, RevokedToken
from django_cc.models.revision import THE_ONE_ROW


def publish(*changed: MachineClient | RevokedToken) -> None:
    """Give this transaction's change its number, and stamp the rows that other processes reload.

    A change to the access or the secrets of a client stamps the client, which is reloaded whole.
    APIs and signing keys are few and always reloaded: they carry no stamp.

    Call it last in the transaction: the lock it takes on the one row makes numbers appear in the
    order of commits. On commit, this process looks again at once; the others within
    `PROPAGATION_SECONDS`.

    Raises:
        RuntimeError: there is no transaction.
    """
    number = _take_next_number()
    database = get_database()
    for model in {type(row) for row in changed}:
        pks = [row.pk for row in changed if type(row) is model]
        model._default_manager.using(database).filter(pk__in=pks).update(revision=number)


def publish_removal() -> None:
    """Give a change its number that no row is left to carry: every process loads all anew.

    Call it as `publish()`.

    Raises:
        RuntimeError: there is no transaction.
    """
    number = _take_next_number()
    Revision.objects.using(get_database()).filter(pk=THE_ONE_ROW).update(removal=number)


def lock_revision() -> None:
    """Hold the lock that orders changes until the end of the transaction.

    Call it first in a change that looks before it leaps: whatever it reads afterwards stays
    true until it commits. It writes, because SQLite gives a transaction that has read before
    it wrote no second chance.
    """
    _set_number(get_database(), F("number"))


def announce_raw_save(*, raw: bool, using: str, **_signal: Any) -> None:
    """Receive `post_save` of what the snapshot holds: `loaddata` writes rows behind the services.

    What it wrote has the stamps of another time, so everything is loaded anew.
    """
    if not raw or using != get_database():
        return
    pending = transaction.get_connection(using).run_on_commit
    if not any(entry[1] is _publish_removal_in_own_transaction for entry in pending):
        transaction.on_commit(_publish_removal_in_own_transaction, using=using)


def _publish_removal_in_own_transaction() -> None:
    with transaction.atomic(using=get_database()):
        publish_removal()


def _take_next_number() -> int:
    database = get_database()
    if not transaction.get_connection(database).in_atomic_block:
        raise RuntimeError("publish() belongs at the end of a transaction.")
    # At least the microseconds since the epoch: after a flush or a restored backup no number is
    # given out twice, and no process takes its old snapshot for the new state.
    microseconds = time.time_ns() // 1000
    _set_number(database, Greatest(F("number") + 1, Value(microseconds)))
    transaction.on_commit(current_snapshot.look_again, using=database)
    return Revision.objects.using(database).values_list("number", flat=True).get(pk=THE_ONE_ROW)


def _set_number(database: str, number: Combinable) -> None:
    rows = Revision.objects.using(database)
    if not rows.filter(pk=THE_ONE_ROW).update(number=number):
        # The first change, or the table was emptied, and perhaps the others with it.
        first = time.time_ns() // 1000
        rows.get_or_create(pk=THE_ONE_ROW, defaults={"number": first, "removal": first})
        rows.filter(pk=THE_ONE_ROW).update(number=number)
