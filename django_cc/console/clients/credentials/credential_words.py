"""What the pages say of a secret or a key."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from django_cc.authorization_server.succession import KNOWN_AFTER
from django_cc.console.site.times import format_distance
from django_cc.models import ClientKey, ClientSecret

Credential = ClientSecret | ClientKey


def describe_last_use(credential: Credential) -> str:
    """Return when and from where it was used last, as far as is written down."""
    if _may_be_used_unseen(credential, now=timezone.now()):
        return gettext("Not seen in use yet.")
    return describe_use(credential.last_used_at, credential.last_used_address)


def describe_use(at: datetime | None, address: str | None) -> str:
    """Return the last use in a sentence; `at` is aware UTC, None for never."""
    if at is None:
        return gettext("Never used.")
    words = {"time": format_distance(at, now=timezone.now())}
    if address:
        words["address"] = address
        return gettext("Last used %(time)s from %(address)s.") % words
    return gettext("Last used %(time)s.") % words


def describe_use_in_table(credential: Credential, *, now: datetime) -> str:
    """Return the same in the few words of a cell."""
    if _may_be_used_unseen(credential, now=now):
        return gettext("Not seen yet")
    if credential.last_used_at is None:
        return gettext("Never")
    return format_distance(credential.last_used_at, now=now)


def _may_be_used_unseen(credential: Credential, *, now: datetime) -> bool:
    return credential.last_used_at is None and now < credential.created_at + KNOWN_AFTER
