"""Signals: what a project may listen to, beside the audit trail that it may read.

Each is sent once for what happened, when its transaction has committed and this process knows of
the change, and never for what was rolled back. They go out by `send_robust`: what a receiver
raises is logged by Django (`django.dispatch`) and changes nothing. Receivers run before the
answer goes out, so whoever has more to do leaves it to a queue. No signal carries a secret, a
token or a private key.

docs/reference/signals.md has the arguments.
"""

from functools import partial

from django.db import models, transaction
from django.dispatch import Signal

from django_cc.authorization_server.database import get_database

token_issued = Signal()
token_refused = Signal()
client_registered = Signal()
client_disabled = Signal()
secret_rotated = Signal()
signing_key_rotated = Signal()


def announce(signal: Signal, sender: type[models.Model], **facts: object) -> None:
    """Send a signal on commit, or at once where there is no transaction.

    Where nobody listens this does nothing.

    Args:
        signal: one of this module.
        sender: the table that what happened is about.
        facts: what receivers are told.
    """
    if not signal.receivers:
        return
    send = partial(signal.send_robust, sender, **facts)
    # Not on_commit alone: outside of a transaction it asks the connection, which a token request
    # neither has nor needs.
    if transaction.get_connection(get_database()).in_atomic_block:
        transaction.on_commit(send, using=get_database())
    else:
        send()
