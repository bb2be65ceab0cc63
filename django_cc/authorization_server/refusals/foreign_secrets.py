"""Refusals for which another client's secret was sent: told to those who see that client, too.

To anybody else it looks like nobody's secret, as Identify says: whoever finds a secret must not
learn by the refusals of a client of their own that it works somewhere.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from django_cc.authorization_server.sight import Sight
from django_cc.models import AuditEvent, ClientSecret
from django_cc.protocol.errors import RefusalReason

ALIKE: Final = frozenset({RefusalReason.WRONG_SECRET, RefusalReason.SECRET_OF_ANOTHER_CLIENT})

_DETAIL: Final = re.compile(r"The secret (\S{9})…(\S{4}) is another client's\.")


def describe_foreign(secret: ClientSecret) -> str:
    """Return the detail of a refusal of a client that sent another one's secret."""
    return f"The secret {secret} is another client's."


def cover_foreign(events: Sequence[AuditEvent], sight: Sight) -> None:
    """Make each event, in memory alone, as if nobody's secret had come, unless `sight` says whose.

    One query where there are such events, none otherwise.
    """
    found = [(event, match.groups()) for event in events if (match := _match(event))]
    if sight.everything or not found:
        return
    endings = {end for _event, (_start, end) in found}
    rows = ClientSecret.objects.filter(client__in=sight.clients, visible_end__in=endings)
    seen = set(rows.values_list("visible_start", "visible_end"))
    for event, ends in found:
        if ends not in seen:
            event.detail = ""
            event.reason = cover_reason(event.reason)


def cover_reason(reason: str) -> str:
    """Return what a reason is called where nobody's secret came, of whosever it was."""
    return RefusalReason.WRONG_SECRET.value if reason in ALIKE else reason


def cover_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how often each reason is told, the most frequent first, for no sight of all."""
    told: dict[str, int] = {}
    for reason, count in counts.items():
        word = cover_reason(reason)
        told[word] = told.get(word, 0) + count
    return dict(sorted(told.items(), key=lambda item: (-item[1], item[0])))


def _match(event: AuditEvent) -> "re.Match[str] | None":
    is_refusal = event.event == AuditEvent.Event.TOKEN_REFUSED
    return _DETAIL.fullmatch(event.detail) if is_refusal else None
