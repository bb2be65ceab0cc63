"""Throttles count machines by client, and nobody by address."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory

from django_cc.resource_server import throttling
from django_cc.resource_server.access_token import AccessToken
from django_cc.resource_server.permissions import IsMachine
from django_cc.resource_server.throttling import ClientRateThrottle, ScopedClientRateThrottle
from django_cc.resource_server.verification import port
from tests.offline_verifier import OfflineVerifier, sign
from tests.projects.api_views import WhoAmI
from tests.projects.combined import ORDERS_API

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """It is noon, nothing is counted yet, and tokens can be verified."""
    monkeypatch.setattr(port, "_in_use", OfflineVerifier())
    monkeypatch.setattr(throttling, "_told_at", None)
    cache.clear()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rates(settings: Any) -> dict[str, Any]:
    """The project's throttle rates."""
    rates: dict[str, Any] = {"client": "2/minute", "exports": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    return rates


def make_view(throttle: Any = ClientRateThrottle, **attributes: Any) -> Any:
    named = {"throttle_classes": [throttle], "permission_classes": [IsMachine], **attributes}
    kind: Any = type("View", (WhoAmI,), {"__qualname__": str(sorted(attributes)), **named})
    return kind.as_view()


def token_of(client_id: str) -> str:
    return sign(
        now=datetime.now(UTC), scope="orders:read", audience=ORDERS_API, client_id=client_id
    )


def ask(view: Any, client_id: str | None = "a", **more: Any) -> Any:
    if client_id is not None:
        more["HTTP_AUTHORIZATION"] = f"Bearer {token_of(client_id)}"
    return view(APIRequestFactory().get("/", **more))


def statuses(view: Any, *client_ids: str | None) -> list[int]:
    return [ask(view, client_id).status_code for client_id in client_ids]


def test_holds_each_client_to_the_rate_of_the_setting(rates: Any) -> None:
    assert statuses(make_view(), *"aaabba") == [200, 200, 429, 200, 200, 429]


@pytest.mark.rfc("6585", "4", "MAY include Retry-After indicating how long to wait")
@pytest.mark.parametrize("seconds", [0, 17, 59])
def test_says_when_to_come_back(rates: Any, clock: Any, seconds: int) -> None:
    view = make_view()
    clock.shift(timedelta(seconds=seconds))
    statuses(view, *"aa")

    answer = ask(view)
    clock.shift(timedelta(seconds=int(answer["Retry-After"])))

    assert (answer.status_code, answer["Retry-After"]) == (429, str(60 - seconds))
    assert ask(view).status_code == 200


def test_counts_all_views_together(rates: Any) -> None:
    assert statuses(make_view(), *"aa") == [200, 200]
    assert statuses(make_view(api=ORDERS_API), "a") == [429]


def test_counts_a_view_by_itself_that_has_a_rate(rates: Any) -> None:
    view = make_view(client_rate="1/day")

    assert statuses(view, *"aab") == [200, 429, 200]
    assert ask(view)["Retry-After"] == str(12 * 60 * 60)
    assert statuses(make_view(), *"aaa") == [200, 200, 429]


def test_does_not_ask_whose_address_it_is(rates: Any) -> None:
    view = make_view()
    statuses(view, *"aa")

    elsewhere = ask(view, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="192.0.2.8")

    assert elsewhere.status_code == 429


def test_leaves_people_and_strangers_alone(db: None, rates: Any) -> None:
    view = make_view(permission_classes=[])
    request = APIRequestFactory().get("/")
    request.user = get_user_model().objects.create_user("ana")

    assert [view(request).status_code for _ in range(4)] == [200] * 4
    assert statuses(view, None, None, None, None) == [200] * 4


def test_counts_a_machine_that_shares_a_view_with_people(rates: Any) -> None:
    from rest_framework.permissions import IsAuthenticated

    view = make_view(permission_classes=[IsMachine | IsAuthenticated])

    assert statuses(view, *"aaa") == [200, 200, 429]


def test_does_not_count_where_the_rate_is_none(rates: dict[str, Any]) -> None:
    rates["client"] = None

    assert statuses(make_view(), *"aaaa") == [200] * 4


class ByPlan(ClientRateThrottle):
    """Takes the rate from the token."""

    rate_claim = "plan_rate"


def ask_with_claim(claim: Any, view: Any, times: int = 3) -> list[int]:
    import json

    from tests.protocol.tokens import claims_without, forge, header_of

    seconds = int(NOON.timestamp())
    claims = claims_without(iat=seconds, exp=seconds + 600, plan_rate=claim)
    header = f"Bearer {forge(header_of(), json.dumps(claims))}"
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=header)
    return [view(request).status_code for _ in range(times)]


def test_takes_the_rate_from_a_claim_of_the_token(rates: Any) -> None:
    assert ask_with_claim("1/hour", make_view(ByPlan)) == [200, 429, 429]


def test_takes_the_claim_before_the_view_and_the_setting(rates: Any) -> None:
    assert ask_with_claim("3/hour", make_view(ByPlan, client_rate="1/hour")) == [200] * 3


@pytest.mark.parametrize(
    "claim", ["lots", 7, None, {}, [], "1/fortnight", "/", "1/", True], ids=str
)
def test_takes_a_claim_that_is_no_rate_for_none(rates: Any, claim: Any) -> None:
    assert ask_with_claim(claim, make_view(ByPlan)) == [200, 200, 429]


def test_ignores_the_claim_where_nobody_named_it(rates: Any) -> None:
    assert ask_with_claim("1/hour", make_view()) == [200, 200, 429]


def test_holds_views_of_one_scope_to_one_rate(rates: Any) -> None:
    exports = make_view(ScopedClientRateThrottle, throttle_scope="exports")
    others = make_view(ScopedClientRateThrottle, throttle_scope="exports", api=ORDERS_API)

    assert statuses(exports, *"ab") == [200, 200]
    assert statuses(others, *"ab") == [429, 429]
    assert statuses(make_view(ScopedClientRateThrottle), *"aaa") == [200] * 3


@pytest.mark.parametrize(
    ("attributes", "rate"),
    [({}, None), ({"client_rate": "lots"}, "1/day"), ({}, "1 a day")],
    ids=["none", "of the view", "of the setting"],
)
def test_says_which_rate_is_missing_or_wrong(
    rates: dict[str, Any], attributes: dict[str, Any], rate: str | None
) -> None:
    rates.pop("client")
    if rate is not None:
        rates["client"] = rate

    with pytest.raises(ImproperlyConfigured, match=r"DEFAULT_THROTTLE_RATES|is no rate"):
        ask(make_view(**attributes))


def test_says_which_scope_has_no_rate(rates: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured, match="imports"):
        ask(make_view(ScopedClientRateThrottle, throttle_scope="imports"))


class Broken:
    """A cache that is away."""

    def add(self, *arguments: Any, **options: Any) -> None:
        raise ConnectionError("away")


class Empty:
    """A cache that keeps nothing."""

    def add(self, *arguments: Any, **options: Any) -> None: ...

    def incr(self, key: str) -> int:
        raise ValueError(key)


def test_lets_everybody_through_while_the_cache_is_away(
    rates: Any, caplog: pytest.LogCaptureFixture
) -> None:
    view = make_view(type("Away", (ClientRateThrottle,), {"cache": Broken()}))

    assert statuses(view, *"aaaa") == [200] * 4
    assert caplog.text.count("Requests of machines are not counted") == 1


def test_lets_everybody_through_where_the_cache_keeps_nothing(rates: Any) -> None:
    view = make_view(type("Empty", (ClientRateThrottle,), {"cache": Empty()}))

    assert statuses(view, *"aaaa") == [200] * 4


def test_keeps_clients_of_different_issuers_apart(rates: Any) -> None:
    from dataclasses import replace

    request: Any = APIRequestFactory().get("/")
    ours = OfflineVerifier().verify(token_of("a"), audience=ORDERS_API, now=NOON)
    theirs = AccessToken(replace(ours.claims, issuer="https://other.example.com"))
    view: Any = WhoAmI()

    def allow(token: AccessToken) -> bool:
        request.auth = token
        return ClientRateThrottle().allow_request(request, view)

    assert [allow(ours), allow(ours), allow(ours), allow(theirs)] == [True, True, False, True]


def test_reads_the_rates_as_they_are_now(rates: dict[str, Any]) -> None:
    assert rates == api_settings.DEFAULT_THROTTLE_RATES
    assert throttling.read_default_rate("exports") == "1/hour"
