"""RFC 6750 §5.3, RFC 6749 §5.1: how long a token lives."""

from datetime import timedelta

import pytest

from django_cc.protocol.errors import InvalidClient, RefusalReason
from django_cc.protocol.token_lifetime import TokenLifetimes
from tests.protocol.clients import BILLING, NOW, ORDERS, make_client

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LIFETIMES = TokenLifetimes(10 * MINUTE, {ORDERS: 5 * MINUTE})

ORDER = {
    "the client's before all": (2 * MINUTE, ORDERS, 2 * MINUTE),
    "the client's, though it is the longest": (60 * MINUTE, ORDERS, 60 * MINUTE),
    "the API's": (None, ORDERS, 5 * MINUTE),
    "the default": (None, BILLING, 10 * MINUTE),
}


@pytest.mark.parametrize(("own", "audience", "lifetime"), ORDER.values(), ids=ORDER)
def test_the_first_that_is_set_decides(
    own: timedelta | None, audience: str, lifetime: timedelta
) -> None:
    client = make_client(token_lifetime=own)

    assert LIFETIMES.decide(client, audience, now=NOW) == lifetime


LEFT = {
    "longer than a token lives": (timedelta(days=1), 10 * MINUTE),
    "shorter": (90 * SECOND, 90 * SECOND),
    "a part of a second more": (90.9 * SECOND, 90 * SECOND),
    "one second": (SECOND, SECOND),
}


@pytest.mark.parametrize(("left", "lifetime"), LEFT.values(), ids=LEFT)
def test_a_token_never_outlives_its_client(left: timedelta, lifetime: timedelta) -> None:
    client = make_client(expires_at=NOW + left)

    assert LIFETIMES.decide(client, BILLING, now=NOW) == lifetime


def test_what_is_left_is_counted_from_the_second_the_token_names() -> None:
    client = make_client(expires_at=NOW + 10.2 * SECOND)

    assert LIFETIMES.decide(client, BILLING, now=NOW + 0.9 * SECOND) == 10 * SECOND


def test_a_client_that_ends_within_this_second_gets_none() -> None:
    client = make_client(expires_at=NOW + 0.5 * SECOND)

    with pytest.raises(InvalidClient) as refusal:
        LIFETIMES.decide(client, BILLING, now=NOW + 0.1 * SECOND)

    assert refusal.value.reason is RefusalReason.CLIENT_EXPIRED
