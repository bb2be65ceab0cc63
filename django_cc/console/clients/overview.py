"""What the overview of a machine client tells at one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from django_cc.authorization_server.clients.status import (
    find_last_credential,
    list_usable_credentials,
    publishes_usable_keys,
)
from django_cc.authorization_server.refusals.foreign_secrets import cover_foreign
from django_cc.authorization_server.sight import Sight
from django_cc.authorization_server.usage.figures import DAY, count_outcomes
from django_cc.authorization_server.usage.summary import list_stretches
from django_cc.console.clients.badges import draw_badges, explain_status
from django_cc.console.clients.columns import list_api_names
from django_cc.console.site.charts import UsageChart
from django_cc.console.site.ranges import Range
from django_cc.console.site.times import format_both, format_distance, format_time
from django_cc.models import AuditEvent, MachineClient

MONTH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far a client has come that has got no token yet.

    Attributes:
        has_credential: whether it has one that authenticates it.
        last_refusal: its last token request that was refused.
        refused: how long ago that was.
        reason: why it was refused, in a few words.
    """

    has_credential: bool
    last_refusal: AuditEvent | None
    refused: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at a client; times are written out.

    Attributes:
        badges: its status and what else stands out.
        why: why it has that status; empty where there is nothing to add.
        authentication: how it proves who it is, with a planned change.
        apis: the names of those at which it holds a scope.
        last_used: when and from where.
        day: requests of 24 hours, by outcome.
        month: requests of 30 days, by outcome.
        next_expiry: what ends next, of the client and its credentials.
        chart: requests over time; None until there was one.
        first_steps: what is missing for the first token; None from the first on.
    """

    badges: SafeString
    why: str
    authentication: str
    apis: Sequence[str]
    last_used: str
    day: dict[str, int]
    month: dict[str, int]
    next_expiry: str
    registered: str
    chart: UsageChart | None
    first_steps: FirstSteps | None


def look_at(client: MachineClient, chosen: Range, sight: Sight, *, now: datetime) -> Overview:
    """Return the overview of a client at `now` (aware UTC), with a chart of the chosen time.

    Prefetch `secrets`, `keys` and `access`.
    """
    month = count_outcomes(client, since=now - MONTH)
    was_used = find_last_credential(client) is not None or month["issued"] > 0
    return Overview(
        badges=draw_badges(client, now=now),
        why=explain_status(client, now=now),
        authentication=_describe_authentication(client, now=now),
        apis=list_api_names(client),
        last_used=_describe_last_use(client, now=now),
        day=count_outcomes(client, since=now - DAY),
        month=month,
        next_expiry=_describe_next_expiry(client, now=now),
        registered=_describe_registration(client),
        chart=_draw_chart(client, chosen, now=now) if was_used else None,
        first_steps=None if was_used else _take_first_steps(client, sight, now=now),
    )


def _describe_last_use(client: MachineClient, *, now: datetime) -> str:
    last = find_last_credential(client)
    if last is None:
        return gettext("Never")
    facts = {
        "time": format_both(last.used_at, now=now),
        "address": last.address,
        "credential": last.credential,
    }
    if last.address is None:
        return gettext("%(time)s, with %(credential)s") % facts
    return gettext("%(time)s, from %(address)s, with %(credential)s") % facts


def _describe_authentication(client: MachineClient, *, now: datetime) -> str:
    until = client.previous_authentication_until
    if until is None or until <= now:
        return client.get_authentication_display()
    return gettext("%(method)s; %(previous)s works until %(time)s") % {
        "method": client.get_authentication_display(),
        "previous": client.get_previous_authentication_display(),
        "time": format_time(until),
    }


def _describe_next_expiry(client: MachineClient, *, now: datetime) -> str:
    credentials = list_usable_credentials(client, now=now)
    ends = [(one.expires_at, str(one)) for one in credentials if one.expires_at is not None]
    if client.expires_at is not None and client.expires_at > now:
        ends.append((client.expires_at, gettext("the client itself")))
    if not ends:
        return gettext("Nothing of it expires")
    end, what = min(ends)
    return gettext("%(what)s on %(time)s") % {"what": what, "time": format_both(end, now=now)}


def _describe_registration(client: MachineClient) -> str:
    facts = {"time": format_time(client.registered_at), "user": client.registered_by}
    if client.managed_by == MachineClient.ManagedBy.ADOPTED:
        return gettext("%(time)s, adopted from the toolkit") % facts
    if client.registered_by is None:
        return gettext("%(time)s") % facts
    return gettext("%(time)s by %(user)s") % facts


def _draw_chart(client: MachineClient, chosen: Range, *, now: datetime) -> UsageChart:
    stretches = list_stretches(
        MachineClient.objects.filter(pk=client.pk),
        until=now,
        stretch=chosen.stretch,
        count=chosen.count,
    )
    title = gettext("Issued and refused, last %(time)s") % {"time": chosen.title}
    return chosen.draw(stretches, title)


def _take_first_steps(client: MachineClient, sight: Sight, *, now: datetime) -> FirstSteps:
    credentials = list_usable_credentials(client, now=now)
    refusals = AuditEvent.objects.filter(
        client_id=client.client_id, event=AuditEvent.Event.TOKEN_REFUSED
    )
    last = refusals.order_by("-time").first()
    if last is not None:
        cover_foreign([last], sight)
    return FirstSteps(
        has_credential=bool(credentials) or publishes_usable_keys(client, now=now),
        last_refusal=last,
        refused="" if last is None else format_distance(last.time, now=now),
        reason="" if last is None else last.reason.replace("_", " "),
    )
