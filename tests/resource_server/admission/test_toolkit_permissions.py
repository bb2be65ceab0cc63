"""The permission classes of django-oauth-toolkit, with our tokens."""

from typing import Any

import pytest
from rest_framework import permissions as drf

from django_cc.resource_server.permissions import HasRequiredScopes
from tests.resource_server.admission.calling import call, has_toolkit, needs_toolkit
from tests.resource_server.admission.conftest import IssueToken

pytestmark = needs_toolkit

NEEDS: dict[str, Any] = {
    "required_scopes": ["orders:read"],
    "required_alternate_scopes": {"GET": [["orders:read"]], "POST": [["orders:read"]]},
}
LACKING: dict[str, Any] = {
    "required_scopes": ["orders:write"],
    "required_alternate_scopes": {"POST": [["orders:write"]]},
}
COMPOSITIONS: dict[str, Any] = {}
if has_toolkit:
    from oauth2_provider.contrib.rest_framework import (
        IsAuthenticatedOrTokenHasScope,
        TokenHasReadWriteScope,
        TokenHasResourceScope,
        TokenHasScope,
        TokenMatchesOASRequirements,
    )

    COMPOSITIONS = {
        "TokenHasScope": [TokenHasScope],
        "IsAuthenticated and TokenHasScope": [drf.IsAuthenticated, TokenHasScope],
        "IsAuthenticated & TokenHasScope": [drf.IsAuthenticated & TokenHasScope],
        "TokenHasScope | IsAdminUser": [TokenHasScope | drf.IsAdminUser],
        "TokenHasScope & HasRequiredScopes": [TokenHasScope & HasRequiredScopes],
        "IsAuthenticatedOrTokenHasScope": [IsAuthenticatedOrTokenHasScope],
        "TokenMatchesOASRequirements": [TokenMatchesOASRequirements],
        "TokenMatchesOASRequirements & IsAuthenticated": [
            TokenMatchesOASRequirements & drf.IsAuthenticated
        ],
    }


@pytest.mark.parametrize("permission_classes", COMPOSITIONS.values(), ids=COMPOSITIONS.keys())
def test_opens_where_the_scopes_suffice(reader: str, permission_classes: list[Any]) -> None:
    assert call(reader, *permission_classes, **NEEDS).status_code == 200


@pytest.mark.parametrize("permission_classes", COMPOSITIONS.values(), ids=COMPOSITIONS.keys())
def test_stays_closed_where_they_do_not(reader: str, permission_classes: list[Any]) -> None:
    answer = call(reader, *permission_classes, method="post", **LACKING)

    assert answer.status_code == 403


def test_is_no_door_for_a_stranger_beside_it(reader: str) -> None:
    answer = call(reader, ~TokenHasScope & drf.IsAuthenticated, **LACKING)

    assert answer.status_code == 403


def test_refuses_an_empty_list(reader: str) -> None:
    assert call(reader, TokenHasScope, required_scopes=[]).status_code == 403


@pytest.mark.parametrize(
    ("name", "required", "held"),
    [("TokenHasReadWriteScope", [], "read"), ("TokenHasResourceScope", ["orders"], "orders:read")],
)
def test_satisfies_the_rest_of_the_family(
    issue_token: IssueToken, name: str, required: list[str], held: str
) -> None:
    family: Any = {
        "TokenHasReadWriteScope": TokenHasReadWriteScope,
        "TokenHasResourceScope": TokenHasResourceScope,
    }

    answer = call(issue_token(held), family[name], required_scopes=required)

    assert answer.status_code == 200
