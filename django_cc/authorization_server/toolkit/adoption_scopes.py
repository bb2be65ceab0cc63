"""Read what the toolkit's recent tokens carried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from oauth2_provider.models import get_access_token_model


@dataclass(slots=True)
class RecentTokens:
    """What is known of an Application's tokens since a time.

    Attributes:
        scopes: what any of them carried.
        count: how many there are.
        for_users: how many of them stand for a user.
        last: when the last one was issued, aware UTC.
    """

    scopes: frozenset[str] = frozenset()
    count: int = 0
    for_users: int = 0
    last: datetime | None = None


def read_recent_tokens(
    application_ids: Sequence[Any], *, since: datetime
) -> dict[Any, RecentTokens]:
    """Return the tokens issued since a time, by the Application's primary key.

    Counted by the database: a row for each different scope that was asked for, not for a token.
    Applications without any are left out.
    """
    tokens = get_access_token_model()._default_manager.filter(
        application__in=application_ids, created__gte=since
    )
    rows = tokens.order_by().values_list("application", "scope")
    found: dict[Any, RecentTokens] = {}
    counted = rows.annotate(count=Count("pk"), for_users=Count("user"), last=Max("created"))
    for application, scope, count, for_users, last in counted.iterator():
        recent = found.setdefault(application, RecentTokens())
        recent.scopes |= frozenset(scope.split())
        recent.count += count
        recent.for_users += for_users
        recent.last = max(recent.last or last, last)
    return found
