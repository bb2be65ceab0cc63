"""The grant: one rule for scope and audience, all or nothing (RFC 6749 §4.4, RFC 9068 §3)."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_cc.protocol.client_credentials import Grant, grant_client_credentials
from django_cc.protocol.errors import (
    InvalidScope,
    InvalidTarget,
    RefusalReason,
)
from django_cc.protocol.resource_indicator import refuse_target
from django_cc.protocol.scope import Scope
from django_cc.protocol.token_endpoint import TokenRequest
from django_cc.protocol.token_lifetime import TokenLifetimes
from tests.protocol.clients import BILLING, NOW, ORDERS, make_client

LIFETIME = timedelta(minutes=10)
ONE_API = {ORDERS: "read write"}
TWO_APIS = {ORDERS: "read write", BILLING: "read pay"}


@dataclass(frozen=True)
class Case:
    """What a client holds and asks for."""

    access: dict[str, str]
    scope: str | None = None
    resource: str | None = None
    default: str | None = None

    def grant(self) -> Grant:
        client = make_client(self.access, default_audience=self.default)
        scope = None if self.scope is None else Scope.parse(self.scope)
        request = TokenRequest(scope, self.resource)
        return grant_client_credentials(request, client, TokenLifetimes(LIFETIME), now=NOW)


GRANTED: dict[str, tuple[Case, str, str]] = {
    "resource: all it holds there": (Case(TWO_APIS, resource=BILLING), BILLING, "pay read"),
    "resource and scope": (Case(TWO_APIS, "read", BILLING), BILLING, "read"),
    "resource before the default": (
        Case(TWO_APIS, resource=BILLING, default=ORDERS),
        BILLING,
        "pay read",
    ),
    "scope held at one API": (Case(TWO_APIS, "write"), ORDERS, "write"),
    "scope held at one API before the default": (
        Case(TWO_APIS, "pay read", default=ORDERS),
        BILLING,
        "pay read",
    ),
    "scope held at two, one the default": (
        Case(TWO_APIS, "read", default=BILLING),
        BILLING,
        "read",
    ),
    "neither, a default": (Case(TWO_APIS, default=ORDERS), ORDERS, "read write"),
    "neither, one API": (Case(ONE_API), ORDERS, "read write"),
    "neither, a default it lost, one API": (Case(ONE_API, default=BILLING), ORDERS, "read write"),
}


@pytest.mark.rfc("9068", "3", "SHOULD infer aud from the scope, else MUST use a default")
@pytest.mark.parametrize(("case", "audience", "scope"), GRANTED.values(), ids=GRANTED)
def test_grants_one_api_and_a_scope_held_there(case: Case, audience: str, scope: str) -> None:
    grant = case.grant()

    assert (grant.audience, str(grant.scope)) == (audience, scope)


def test_a_grant_is_for_its_client_and_its_time() -> None:
    grant = Case(ONE_API).grant()

    assert (grant.client.client_id, grant.lifetime) == ("billing-sync", LIFETIME)


THREE_APIS = {**TWO_APIS, "https://audit.example.com": "look"}
NOT_GRANTED: dict[str, Case] = {
    "unknown": Case(ONE_API, "fly"),
    "one of two unknown": Case(ONE_API, "read fly"),
    "of another case": Case(ONE_API, "READ"),
    "spread over two APIs": Case(TWO_APIS, "write pay"),
    "not at the resource": Case(TWO_APIS, "pay", ORDERS),
    "no access at all": Case({}, "read"),
}


@pytest.mark.rfc(
    "6749", "5.2", "invalid_scope: invalid, unknown, malformed, or exceeding what is granted"
)
@pytest.mark.parametrize("case", NOT_GRANTED.values(), ids=NOT_GRANTED)
def test_refuses_a_scope_it_does_not_hold_instead_of_narrowing_it(case: Case) -> None:
    with pytest.raises(InvalidScope) as refusal:
        case.grant()

    assert refusal.value.reason is RefusalReason.SCOPE_NOT_GRANTED


AMBIGUOUS: dict[str, Case] = {
    "scope held at two, no default": Case(TWO_APIS, "read"),
    "scope held at two, neither the default": Case(
        THREE_APIS, "read", default="https://audit.example.com"
    ),
    "neither, two APIs, no default": Case(TWO_APIS),
    "neither, two APIs, a default it lost": Case(TWO_APIS, default="https://audit.example.com"),
}


@pytest.mark.rfc("9068", "3", "MUST NOT issue a token whose aud is ambiguous for its scope")
@pytest.mark.parametrize("case", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_refuses_when_several_apis_fit(case: Case) -> None:
    with pytest.raises(InvalidScope) as refusal:
        case.grant()

    assert refusal.value.reason is RefusalReason.SCOPE_AMBIGUOUS


@pytest.mark.rfc("6749", "3.3", "Without scope: a documented default, or invalid_scope")
@pytest.mark.parametrize("default", [None, ORDERS])
def test_refuses_a_client_without_any_access(default: str | None) -> None:
    with pytest.raises(InvalidScope) as refusal:
        Case({}, default=default).grant()

    assert refusal.value.reason is RefusalReason.API_NOT_GRANTED


TARGETS: dict[str, Case] = {
    "unknown": Case(ONE_API, resource="https://nowhere.example.com"),
    "not granted": Case(ONE_API, resource=BILLING),
    "the beginning of a granted one": Case(ONE_API, resource=ORDERS[:-1]),
    "a path below a granted one": Case(ONE_API, resource=f"{ORDERS}/"),
    "of another case": Case(ONE_API, resource=ORDERS.upper()),
    "not granted, though it is the default": Case(ONE_API, resource=BILLING, default=BILLING),
}


@pytest.mark.rfc("8707", "2", "invalid_target: invalid, missing, unknown, or malformed")
@pytest.mark.parametrize("case", TARGETS.values(), ids=TARGETS)
def test_refuses_a_resource_without_telling_why(case: Case) -> None:
    with pytest.raises(InvalidTarget) as refusal:
        case.grant()

    assert refusal.value.description == refuse_target().description


scopes = st.frozensets(st.sampled_from(["read", "write", "pay", "look"])).map(
    lambda tokens: " ".join(sorted(tokens))
)
held_scopes = scopes.filter(bool)
cases = st.builds(
    Case,
    access=st.dictionaries(st.sampled_from([ORDERS, BILLING]), held_scopes),
    scope=st.none() | held_scopes,
    resource=st.sampled_from([None, ORDERS, BILLING, "https://nowhere.example.com"]),
    default=st.sampled_from([None, ORDERS, BILLING]),
)


@pytest.mark.rfc(
    "6749", "5.2", "invalid_scope: invalid, unknown, malformed, or exceeding what is granted"
)
@settings(deadline=None)
@given(cases)
def test_grants_all_that_is_asked_for_or_nothing(case: Case) -> None:
    try:
        grant = case.grant()
    except (InvalidScope, InvalidTarget):
        return

    held = Scope.parse(case.access[grant.audience])
    assert held.covers(grant.scope)
    assert grant.scope == (held if case.scope is None else Scope.parse(case.scope))
    assert case.resource in {None, grant.audience}


@settings(deadline=None)
@given(cases)
def test_grants_whatever_is_held_where_the_api_is_named(case: Case) -> None:
    for audience, held in case.access.items():
        grant = replace(case, scope=held, resource=audience).grant()

        assert (grant.audience, grant.scope) == (audience, Scope.parse(held))
