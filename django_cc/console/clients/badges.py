"""How a machine client is doing: as a badge, and as a sentence that says why."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.status import (
    ClientStatus,
    find_last_expiry,
    find_last_use,
    get_status,
)
from django_cc.console.site.times import format_time
from django_cc.models import ClientKey, ClientSecret, MachineClient


def draw_badges(client: MachineClient, *, now: datetime) -> SafeString:
    """Return the status and what else stands out: words and a border, not colour alone."""
    status = get_status(client, now=now)
    first = (status.value, _name_status(client, status, now=now))
    badge = '<span class="cc-badge cc-badge--{}">{}</span>'
    return format_html_join(" ", badge, [first, *_list_extras(client)])


def explain_status(client: MachineClient, *, now: datetime) -> str:
    """Return why the client has its status; empty where there is nothing to add."""
    status = get_status(client, now=now)
    explain = _EXPLAIN.get(status)
    return explain(client, now) if explain else ""


def _name_status(client: MachineClient, status: ClientStatus, *, now: datetime) -> str:
    expiry = find_last_expiry(client, now=now)
    if status is not ClientStatus.SECRET_EXPIRING or expiry is None:
        return str(status.label)
    days = (expiry - now).days
    if days == 0:
        return gettext("Expires in %(time)s") % {"time": timeuntil(expiry, now, depth=1)}
    text = ngettext("Expires in %(days)d day", "Expires in %(days)d days", days)
    return text % {"days": days}


def _list_extras(client: MachineClient) -> list[tuple[str, Any]]:
    extras = []
    if client.owner is not None and not client.owner.is_active:
        extras.append(("owner_inactive", _("Owner inactive")))
    if client.managed_by == MachineClient.ManagedBy.ADOPTED:
        extras.append(("adopted", _("Adopted")))
    return extras


def _explain_disabled(client: MachineClient, _now: datetime) -> str:
    facts = {
        "time": format_time(client.disabled_at or timezone.now()),
        "user": client.disabled_by,
        "reason": client.disabled_reason,
    }
    if client.disabled_reason:
        return gettext("Disabled by %(user)s on %(time)s: %(reason)s") % facts
    return gettext("Disabled by %(user)s on %(time)s.") % facts


def _explain_expired(client: MachineClient, now: datetime) -> str:
    return gettext("The client came to its end on %(time)s.") % {
        "time": format_time(client.expires_at or now)
    }


def _explain_awaiting(_client: MachineClient, _now: datetime) -> str:
    return gettext("It has neither a secret nor a key yet.")


def _explain_unusable(client: MachineClient, now: datetime) -> str:
    lost: list[ClientSecret | ClientKey] = [*client.secrets.all(), *client.keys.all()]
    if any(one.is_live(now) for one in lost):
        return gettext("What it has is not what its way to authenticate takes.")
    if not lost:
        return gettext("The keys that it publishes do not count for its way to authenticate.")
    ended = max(_find_end(one) for one in lost)
    if len(lost) > 1:
        several = gettext("Each of its credentials expired or was revoked, the last on %(time)s.")
        return several % {"time": format_time(ended)}
    text = str(_ENDED[type(lost[0]), lost[0].revoked_at is not None])
    return text % {"time": format_time(ended)}


def _find_end(credential: ClientSecret | ClientKey) -> datetime:
    ends = (credential.revoked_at, credential.expires_at)
    return min(end for end in ends if end is not None)


def _explain_expiring(client: MachineClient, now: datetime) -> str:
    expiry = find_last_expiry(client, now=now) or now
    return gettext("Its last usable credential expires on %(time)s.") % {
        "time": format_time(expiry)
    }


def _explain_never_used(client: MachineClient, now: datetime) -> str:
    return gettext("Registered %(time)s ago, and no credential of it was used since.") % {
        "time": timesince(client.registered_at, now, depth=1)
    }


def _explain_idle(client: MachineClient, now: datetime) -> str:
    return gettext("Not used for %(time)s.") % {
        "time": timesince(find_last_use(client) or now, now, depth=1)
    }


_EXPLAIN = {
    ClientStatus.DISABLED: _explain_disabled,
    ClientStatus.EXPIRED: _explain_expired,
    ClientStatus.AWAITING_CREDENTIALS: _explain_awaiting,
    ClientStatus.NO_USABLE_CREDENTIAL: _explain_unusable,
    ClientStatus.SECRET_EXPIRING: _explain_expiring,
    ClientStatus.NEVER_USED: _explain_never_used,
    ClientStatus.IDLE: _explain_idle,
}
_ENDED: dict[tuple[type, bool], Any] = {
    (ClientSecret, False): _("The only secret expired on %(time)s."),
    (ClientSecret, True): _("The only secret was revoked on %(time)s."),
    (ClientKey, False): _("The only key expired on %(time)s."),
    (ClientKey, True): _("The only key was revoked on %(time)s."),
}
