"""How long access tokens live by what the tables and settings say."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.models import API, MachineClient
from django_cc.protocol.token_lifetime import LONGEST_TOKEN_LIFETIME, SHORTEST_TOKEN_LIFETIME

_SECOND = timedelta(seconds=1)


def clean_token_lifetime(lifetime: timedelta | None) -> int | None:
    """Return a lifetime as the tables keep it: in seconds, or None for none of its own.

    Raises:
        ValidationError: below a minute, above a day, or no whole seconds; for the field.
    """
    if lifetime is None:
        return None
    is_within = SHORTEST_TOKEN_LIFETIME <= lifetime <= LONGEST_TOKEN_LIFETIME
    if not is_within or lifetime % _SECOND:
        problem = _("Tokens live from 60 seconds to 24 hours, in whole seconds.")
        raise ValidationError({"token_lifetime": problem})
    return to_seconds(lifetime)


def to_seconds(lifetime: timedelta | None) -> int | None:
    """Return a lifetime in whole seconds; None stays None."""
    return None if lifetime is None else lifetime // _SECOND


def read_token_lifetime(seconds: int | None) -> timedelta | None:
    """Return the lifetime of a row; one that was altered by hand is brought within the bounds."""
    if seconds is None:
        return None
    return min(max(timedelta(seconds=seconds), SHORTEST_TOKEN_LIFETIME), LONGEST_TOKEN_LIFETIME)


def find_longest_token_lifetime() -> timedelta:
    """Return the longest that any token lives that is made now: of all clients and all APIs."""
    rows = (MachineClient.objects.using(get_database()), API.objects.using(get_database()))
    found = [row.aggregate(longest=Max("token_lifetime"))["longest"] for row in rows]
    return _longest_of([*found, None])


def find_token_lifetime_of(client: MachineClient) -> timedelta:
    """Return the longest that a token of this client lives, at whichever API."""
    own = read_token_lifetime(client.token_lifetime)
    if own is not None:
        return own
    apis = API.objects.filter(scopes__access__client=client).distinct()
    return _longest_of(list(apis.values_list("token_lifetime", flat=True)) or [None])


def _longest_of(seconds: list[int | None]) -> timedelta:
    default = get_settings().token_lifetime
    return max(read_token_lifetime(lifetime) or default for lifetime in seconds)
