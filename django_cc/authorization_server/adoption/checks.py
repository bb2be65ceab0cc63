"""The system check of secrets that still have an old hash."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import Error as DriverError

from django_cc.authorization_server.database import get_database
from django_cc.models import ClientSecret
from django_cc.models.client_secret import TOOLKIT_MARKER

_MOST_NAMED = 5


def check_old_hashes(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """W030, with --database: some secrets are still kept as the toolkit's password hashes."""
    if get_database() not in (databases or ()):
        return []
    rows = ClientSecret.objects.filter(digest__startswith=TOOLKIT_MARKER, revoked_at=None)
    try:
        count = rows.count()
        names = rows.order_by("client__name").values_list("client__name", flat=True)
        named = [str(name) for name in names[:_MOST_NAMED]]
    except DriverError:  # before the first migrate
        return []
    if not count:
        return []
    more = f" and {count - len(named)} more" if count > len(named) else ""
    text = (
        f"{count} client secrets are kept as password hashes of django-oauth-toolkit, of "
        f"{', '.join(named)}{more}: a request with one is slow, which tells that it is there."
    )
    hint = (
        "One that the toolkit generated is re-hashed when it is used first. Those that cc_secret "
        "list marks “rotate” were chosen by people: replace them with cc_secret rotate."
    )
    return [checks.Warning(text, hint=hint, id="django_cc.W030")]
