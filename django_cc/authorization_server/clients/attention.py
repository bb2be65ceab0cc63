"""Find machine clients that somebody should look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, OuterRef, Q, QuerySet

from django_cc.authorization_server.clients.status import ClientStatus
from django_cc.authorization_server.clients.status_query import select_by_status
from django_cc.authorization_server.settings import get_settings
from django_cc.models import APIAccess, ClientSecret, MachineClient

MOST_FOR_EACH = 20
EXPIRING_WITHIN = timedelta(days=30)  # from then on a secret is shown as about to end


class Attention(StrEnum):
    """Why to look at a client, the most pressing first."""

    NO_USABLE_CREDENTIAL = "no_usable_credential"
    NOT_MOVED = "not_moved"
    OWNER_INACTIVE = "owner_inactive"
    NEVER_USED = "never_used"
    IDLE = "idle"
    UNUSED_SCOPES = "unused_scopes"


@dataclass(frozen=True, slots=True)
class Notice:
    """One reason to look, with those it is about.

    Attributes:
        attention: why.
        clients: at most 20, by name.
        more: how many others.
    """

    attention: Attention
    clients: Sequence[MachineClient]
    more: int


def find_notices(clients: "QuerySet[MachineClient]", *, now: datetime) -> list[Notice]:
    """Return every reason that holds at `now` (aware UTC) for any of the clients."""
    enabled = clients.filter(disabled_at=None).order_by("name", "pk")
    notices = (_notice(attention, _SELECT[attention](enabled, now)) for attention in Attention)
    return [notice for notice in notices if notice.clients]


def list_expiring_secrets(
    clients: "QuerySet[MachineClient]", *, now: datetime, within: timedelta
) -> "QuerySet[ClientSecret]":
    """Return live secrets of enabled clients that end within that time, the first to end first."""
    return (
        ClientSecret.objects.filter(
            client__in=clients.filter(disabled_at=None),
            revoked_at=None,
            expires_at__gt=now,
            expires_at__lte=now + within,
        )
        .select_related("client__application")
        .order_by("expires_at", "pk")
    )


def _notice(attention: Attention, found: "QuerySet[MachineClient]") -> Notice:
    shown = list(found.select_related("application")[:MOST_FOR_EACH])
    more = found.count() - len(shown) if len(shown) == MOST_FOR_EACH else 0
    return Notice(attention, shown, more)


def _have_status(
    status: ClientStatus,
) -> "Callable[[QuerySet[MachineClient], datetime], QuerySet[MachineClient]]":
    return lambda clients, now: select_by_status(clients, status, now=now)


def _have_inactive_owner(
    clients: "QuerySet[MachineClient]",
    now: datetime,  # noqa: ARG001 - as the others
) -> "QuerySet[MachineClient]":
    try:
        get_user_model()._meta.get_field("is_active")
    except FieldDoesNotExist:  # a custom user model may have a property
        return clients.none()
    return clients.filter(owner__is_active=False)


def _use_replaced_secrets(
    clients: "QuerySet[MachineClient]", now: datetime
) -> "QuerySet[MachineClient]":
    # A secret that is still used although a younger one has been used as well.
    younger = ClientSecret.objects.filter(
        client=OuterRef("client"),
        created_at__gt=OuterRef("created_at"),
        last_used_at__isnull=False,
        revoked_at=None,
    )
    old = ClientSecret.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        Exists(younger),
        client=OuterRef("pk"),
        revoked_at=None,
        last_used_at__gte=now - timedelta(days=1),
    )
    return clients.filter(Exists(old))


def _hold_unused_scopes(
    clients: "QuerySet[MachineClient]", now: datetime
) -> "QuerySet[MachineClient]":
    long_ago = now - get_settings().idle_after
    unused = APIAccess.objects.filter(
        Q(last_requested_on=None) | Q(last_requested_on__lt=long_ago.date()),
        client=OuterRef("pk"),
        granted_at__lt=long_ago,
    )
    used = APIAccess.objects.filter(client=OuterRef("pk"), last_requested_on__gte=long_ago.date())
    # Where nothing was requested at all the client is idle or was never used: said above.
    return clients.filter(Exists(unused), Exists(used))


_SELECT: dict[
    Attention, "Callable[[QuerySet[MachineClient], datetime], QuerySet[MachineClient]]"
] = {
    Attention.NO_USABLE_CREDENTIAL: _have_status(ClientStatus.NO_USABLE_CREDENTIAL),
    Attention.NOT_MOVED: _use_replaced_secrets,
    Attention.OWNER_INACTIVE: _have_inactive_owner,
    Attention.NEVER_USED: _have_status(ClientStatus.NEVER_USED),
    Attention.IDLE: _have_status(ClientStatus.IDLE),
    Attention.UNUSED_SCOPES: _hold_unused_scopes,
}
