"""The rows of the tables of secrets and keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.status import EXPIRY_NOTICE
from django_cc.authorization_server.succession import Move, Succession
from django_cc.console.clients.credentials.credential_words import (
    Credential,
    describe_last_use,
    describe_use_in_table,
)
from django_cc.console.site.links import client_url
from django_cc.console.site.rights import Right, may
from django_cc.console.site.times import format_both, format_distance, format_time

_STATES = {
    "active": _("Active"),
    "secret_expiring": _("Expiring"),
    "replaced": _("Replaced"),
    "expired": _("Expired"),
    "revoked": _("Revoked"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """A link to a page that does something to a credential."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One secret or key, in words.

    Attributes:
        credential: the row of the table.
        state: a name of `_STATES`, for the colour of the badge.
        ends: when it stops working, or did.
        last_used: when.
        last_used_title: when and from where.
        actions: what this user may do to it.
    """

    credential: Credential
    state: str
    ends: str
    last_used: str
    last_used_title: str
    actions: list[Action]

    @property
    def state_word(self) -> Any:
        """What the badge says."""
        return _STATES[self.state]

    @property
    def created(self) -> str:
        """When it was made."""
        return format_time(self.credential.created_at)


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """What is known of the move from a replaced secret.

    Attributes:
        text: in a sentence.
        url: where to revoke the old one, where it is safe and the user may.
    """

    text: str
    url: str | None


def make_row(
    credential: Credential, actions: list[Action], *, is_replaced: bool, now: datetime
) -> CredentialRow:
    """Return the row of a credential as it is at `now` (aware UTC)."""
    return CredentialRow(
        credential=credential,
        state=_find_state(credential, is_replaced=is_replaced, now=now),
        ends=_describe_end(credential, is_replaced=is_replaced, now=now),
        last_used=describe_use_in_table(credential, now=now),
        last_used_title=describe_last_use(credential),
        actions=actions if credential.is_live(now) else [],
    )


def list_actions(
    request: HttpRequest, credential: Credential, pages: dict[str, tuple[str, Right]]
) -> list[Action]:
    """Return the pages that this user may open, of `pages`: title and right by name."""
    return [
        Action(title, client_url(request, name, credential.client_id, credential.pk))
        for name, (title, right) in pages.items()
        if may(request.user, right)
    ]


def describe_move(request: HttpRequest, succession: Succession, *, now: datetime) -> EvidenceLine:
    """Return what is known of one move, and how it may end."""
    old = succession.old
    if succession.move is Move.STILL_USED and old.last_used_at is not None:
        return EvidenceLine(_describe_use(succession, now=now), None)
    if succession.move is Move.NOT_KNOWN_YET:
        text = gettext(
            "Whether the old secret …%(end)s is still used is not known yet: look again in a "
            "minute."
        )
        return EvidenceLine(text % {"end": old.visible_end}, None)
    text = gettext("Old secret …%(end)s not used since the new one was created: safe to revoke.")
    is_offered = may(request.user, Right.REVOKE_CREDENTIAL)
    url = client_url(request, "revoke_secret", old.client_id, old.pk) if is_offered else None
    return EvidenceLine(text % {"end": old.visible_end}, url)


def _describe_use(succession: Succession, *, now: datetime) -> str:
    old = succession.old
    words = {
        "end": old.visible_end,
        "time": format_distance(old.last_used_at or now, now=now),
        "address": old.last_used_address,
    }
    if not old.last_used_address:
        return (
            gettext("Old secret …%(end)s last used %(time)s. Not everything has moved yet.") % words
        )
    text = gettext(
        "Old secret …%(end)s last used %(time)s from %(address)s. Not everything has moved yet."
    )
    return text % words


def _find_state(credential: Credential, *, is_replaced: bool, now: datetime) -> str:
    if credential.revoked_at is not None:
        return "revoked"
    if not credential.is_live(now):
        return "expired"
    if is_replaced:
        return "replaced"
    ends_soon = credential.expires_at is not None and credential.expires_at - now <= EXPIRY_NOTICE
    return "secret_expiring" if ends_soon else "active"


def _describe_end(credential: Credential, *, is_replaced: bool, now: datetime) -> str:
    if credential.revoked_at is not None:
        return format_time(credential.revoked_at)
    if credential.expires_at is None:
        return gettext("never")
    if is_replaced:
        return gettext("works until %(time)s") % {
            "time": format_both(credential.expires_at, now=now)
        }
    return format_both(credential.expires_at, now=now)
