"""What this role has learnt in a process, for the testing kit to have it forgotten."""

from django_cc.authorization_server.client_key_sets import client_key_sets
from django_cc.authorization_server.minute_counter import minute_counter
from django_cc.authorization_server.snapshot.current import current_snapshot


def forget_what_was_learnt() -> None:
    """Begin like a new process: no snapshot, no fetched key, no trouble met."""
    current_snapshot.forget()
    client_key_sets.forget()
    minute_counter.forget()
