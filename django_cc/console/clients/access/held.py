"""What a machine client holds, API by API, as its page tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from django_cc.authorization_server.clients.access_setting import AccessChange
from django_cc.authorization_server.settings import get_settings
from django_cc.models import API, APIAccess, MachineClient, Scope


@dataclass(frozen=True, slots=True)
class HeldScope:
    """One scope that a client holds.

    Attributes:
        access: the row: from whom, and when.
        last_requested: when a token with it was last issued, in words.
        idle: that it was not requested for `IDLE_AFTER`, in words; else empty.
    """

    access: APIAccess
    last_requested: str
    idle: str


@dataclass(frozen=True, slots=True)
class HeldAPI:
    """One API, and what a client holds there."""

    api: API
    scopes: Sequence[HeldScope]


def list_held(client: MachineClient, *, now: datetime) -> list[HeldAPI]:
    """Return what the client holds, the APIs by name; `access` is prefetched."""
    by_api: dict[API, list[HeldScope]] = {}
    rows = sorted(client.access.all(), key=lambda row: (row.scope.api.name, row.scope.name))
    for row in rows:
        told = describe_last_request(row.last_requested_on, now=now)
        by_api.setdefault(row.scope.api, []).append(
            HeldScope(row, told, _describe_idleness(row, now=now))
        )
    return [HeldAPI(api, scopes) for api, scopes in by_api.items()]


def describe_last_request(on: date | None, *, now: datetime) -> str:
    """Return the day, in UTC, in words."""
    if on is None:
        return gettext("Never requested")
    days = (now.date() - on).days
    if days <= 0:
        return gettext("Last requested today")
    if days == 1:
        return gettext("Last requested yesterday")
    return gettext("Last requested on %(day)s") % {"day": date_format(on, "j M Y")}


def describe_removals(client: MachineClient, taken: Sequence[Scope], *, now: datetime) -> list[str]:
    """Return a sentence for each scope that is to be taken: its name, and when it was used."""
    rows = {row.scope_id: row for row in client.access.all()}
    return [
        gettext("Removes %(scope)s at %(api)s. %(use)s.")
        % {
            "scope": scope.name,
            "api": scope.api.name,
            "use": describe_last_request(
                rows[scope.pk].last_requested_on if scope.pk in rows else None, now=now
            ),
        }
        for scope in taken
    ]


def describe_additions(change: AccessChange) -> list[str]:
    """Return a sentence for each scope that is to be given."""
    return [
        gettext("Adds %(scope)s at %(api)s.") % {"scope": scope.name, "api": scope.api.name}
        for scope in change.given
    ]


def _describe_idleness(row: APIAccess, *, now: datetime) -> str:
    days = get_settings().idle_after.days
    since = row.last_requested_on or row.granted_at.date()
    if (now.date() - since).days <= days:
        return ""
    text = ngettext("Not requested in %(days)d day", "Not requested in %(days)d days", days)
    return text % {"days": days}
