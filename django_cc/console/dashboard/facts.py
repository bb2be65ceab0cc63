"""What the dashboard shows, gathered for one user."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.core import checks
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from django_cc.authorization_server.clients.attention import (
    EXPIRING_WITHIN,
    Attention,
    Notice,
    find_notices,
    list_expiring_secrets,
)
from django_cc.authorization_server.configured_keys import are_keys_configured
from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.authorization_server.refusals.foreign_secrets import cover_counts
from django_cc.authorization_server.signing_keys.undecryptable import find_signing_problem
from django_cc.authorization_server.usage.summary import ClientFigures, Summary, summarise
from django_cc.console.site.ranges import Range
from django_cc.console.site.times import format_time
from django_cc.models import API, ClientSecret, MachineClient, SigningKey

MOST_EXPIRING: Final = 20
_OURS: Final = "django_cc."

_HEADINGS: Final[dict[Attention, Any]] = {
    Attention.NO_USABLE_CREDENTIAL: _("No usable credential"),
    Attention.NOT_MOVED: _("Still uses a secret that has a successor"),
    Attention.OWNER_INACTIVE: _("Owner inactive"),
    Attention.NEVER_USED: _("Never used"),
    Attention.IDLE: _("Idle"),
    Attention.UNUSED_SCOPES: _("Holds scopes it does not request"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """How often requests were refused for one reason.

    Attributes:
        word: as audit events have it.
        text: what it means.
        count: how often.
        percent: of the most frequent one, for a bar.
    """

    word: str
    text: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class TopClient:
    """One of those that got most tokens.

    Attributes:
        figures: what it got, and what was refused.
        share: of all tokens, percent.
        refused: of its requests, percent.
    """

    figures: ClientFigures
    share: int
    refused: int


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at machine access.

    Attributes:
        signing_keys: those in the database that are still published.
        has_signing_key: whether there is a key to sign with, in the settings or the database.
        signing_problem: why the one of the database cannot sign; empty where it can.
    """

    summary: Summary
    tokens_this_hour: int
    clients: int
    active_clients: int
    has_apis: bool
    has_signing_key: bool
    signing_keys: Sequence[SigningKey]
    signing_problem: str
    expiring: Sequence[ClientSecret]
    notices: Sequence[Notice]
    findings: Sequence[checks.CheckMessage]

    @property
    def current_key(self) -> SigningKey | None:
        """The key that signs, where keys are in the database."""
        states = SigningKey.State
        return next((key for key in self.signing_keys if key.state == states.CURRENT), None)

    @property
    def signs_since(self) -> str:
        """Since when the current key signs, written out; empty where there is none."""
        key = self.current_key
        return "" if key is None else format_time(key.activated_at or key.created_at)

    @property
    def since(self) -> str:
        """When the time began that the figures are of, as an address names it."""
        return self.summary.stretches[0].start.isoformat()

    def list_reasons(self) -> list[Reason]:
        """Return why requests were refused, the most frequent reason first."""
        most = max(self.summary.refused_by_reason.values(), default=1)
        return [
            Reason(word, explain_refusal(word), count, _percent(count / most))
            for word, count in self.summary.refused_by_reason.items()
        ]

    def list_top_clients(self) -> list[TopClient]:
        """Return who got most tokens, the first first."""
        issued = self.summary.issued
        return [
            TopClient(figures, _percent(figures.issued / issued), _percent(figures.refusal_rate))
            for figures in self.summary.top_clients
        ]

    def list_notices(self) -> list[tuple[Any, Notice]]:
        """Return each notice below its heading."""
        return [(_HEADINGS[notice.attention], notice) for notice in self.notices]


def gather(
    clients: "QuerySet[MachineClient]", chosen: Range, *, sees_all: bool, now: datetime
) -> Facts:
    """Return the facts about these clients; of refusals without one only where `sees_all`."""
    visible = None if sees_all else clients
    enabled = Q(disabled_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    expiring = list_expiring_secrets(clients, now=now, within=EXPIRING_WITHIN)
    keys = list(SigningKey.objects.exclude(state=SigningKey.State.RETIRED))
    summary = summarise(visible, until=now, stretch=chosen.stretch, count=chosen.count)
    if not sees_all:
        told = cover_counts(summary.refused_by_reason)
        summary = replace(summary, refused_by_reason=told)
    return Facts(
        summary=summary,
        tokens_this_hour=summarise(visible, until=now, count=1).issued,
        clients=clients.count(),
        active_clients=clients.filter(enabled).count(),
        has_apis=API.objects.filter(built_in=False).exists(),
        has_signing_key=bool(keys) or are_keys_configured(),
        signing_keys=keys,
        signing_problem=find_signing_problem(),
        expiring=list(expiring[:MOST_EXPIRING]),
        notices=find_notices(clients, now=now),
        findings=_run_checks() if sees_all else [],
    )


def _percent(part: float) -> int:
    return round(100 * part)


def _run_checks() -> list[checks.CheckMessage]:
    found = checks.run_checks(databases=[get_database()])
    return [message for message in found if str(message.id).startswith(_OURS)]
