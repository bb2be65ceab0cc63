"""How much a machine client is used right now, for whoever is about to stop it."""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from django_cc.authorization_server.clients.status import find_last_credential
from django_cc.authorization_server.usage.figures import DAY, count_issued
from django_cc.console.site.times import format_distance
from django_cc.models import MachineClient


def describe_use_now(client: MachineClient, *, now: datetime) -> str:
    """Return the live use of one client, its tokens counted now."""
    return describe_use(client, _count_tokens(client, now=now), now=now)


def describe_tokens(client: MachineClient, *, now: datetime) -> str:
    """Return how many tokens one client got in the 24 hours before `now`."""
    tokens = _count_tokens(client, now=now)
    count = ngettext(
        "The client got %(count)d token in 24 hours.",
        "The client got %(count)d tokens in 24 hours.",
        tokens,
    )
    return count % {"count": tokens}


def describe_use(client: MachineClient, tokens: int, *, now: datetime) -> str:
    """Return when and from where a client was used last, and its tokens of 24 hours.

    Prefetch `secrets` and `keys` for many.
    """
    count = ngettext("%(count)d token in 24 hours", "%(count)d tokens in 24 hours", tokens)
    last = find_last_credential(client)
    facts = {
        "tokens": count % {"count": tokens},
        "time": "" if last is None else format_distance(last.used_at, now=now),
        "address": "" if last is None else last.address,
    }
    if last is None:
        return gettext("Never used; %(tokens)s.") % facts
    if last.address is None:
        return gettext("Used %(time)s; %(tokens)s.") % facts
    return gettext("Used %(time)s from %(address)s; %(tokens)s.") % facts


def _count_tokens(client: MachineClient, *, now: datetime) -> int:
    issued = count_issued([client.client_id], since=now - DAY)
    return issued.get(client.client_id, 0)
