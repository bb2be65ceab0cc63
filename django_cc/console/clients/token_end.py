"""Say when tokens of a killed generation stop, here and elsewhere."""

from datetime import timedelta
from math import ceil

from django.utils.translation import ngettext

from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.token_lifetimes import (
    find_longest_token_lifetime,
    find_token_lifetime_of,
)
from django_cc.models import MachineClient


def describe_end_of(client: MachineClient) -> list[str]:
    """Return how soon the tokens of a client stop in this project, and when elsewhere."""
    return [_describe_end_here(), _describe_end_elsewhere(find_token_lifetime_of(client))]


def describe_end_of_many() -> list[str]:
    """Return the same for any number of clients: the latest for all that there are."""
    return [_describe_end_here(), _describe_end_elsewhere(find_longest_token_lifetime())]


def _describe_end_here() -> str:
    seconds = int(get_settings().propagation_seconds.total_seconds())
    return ngettext(
        "Tokens issued already stop here within %(seconds)d second, for good.",
        "Tokens issued already stop here within %(seconds)d seconds, for good.",
        seconds,
    ) % {"seconds": seconds}


def _describe_end_elsewhere(lifetime: timedelta) -> str:
    minutes = ceil(lifetime / timedelta(minutes=1))
    return ngettext(
        "APIs that check tokens offline accept them until they expire, %(minutes)d minute at the "
        "latest.",
        "APIs that check tokens offline accept them until they expire, %(minutes)d minutes at the "
        "latest.",
        minutes,
    ) % {"minutes": minutes}
