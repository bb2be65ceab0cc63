"""Machines enter a view only by invitation, whatever its permission classes are."""

import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from oauth2_provider.contrib.rest_framework import (
    IsAuthenticatedOrTokenHasScope,
    TokenHasReadWriteScope,
    TokenHasResourceScope,
    TokenHasScope,
    TokenMatchesOASRequirements,
)
from rest_framework import permissions as drf
from rest_framework.test import APIRequestFactory

from django_cc.resource_server.permissions import HasRequiredScopes
from tests.machines import TokenEndpoint, register
from tests.projects.api_views import WhoAmI

People = drf.IsAuthenticated
Scopes = HasRequiredScopes


class Subclass(HasRequiredScopes):
    """What a project might derive."""


@pytest.fixture
def reader(token_endpoint: TokenEndpoint) -> str:
    """A token that may read orders."""
    return token_endpoint.access_token(register(scopes=["orders:read"]))


def make_view(**attributes: Any) -> Any:
    """Return a view with these class attributes."""
    kind: Any = type("View", (WhoAmI,), attributes)
    return kind.as_view()


def call(
    token: str | None, *permission_classes: Any, method: str = "get", **attributes: Any
) -> Any:
    """Call a view with these permission classes; return the answer."""
    named = {"permission_classes": list(permission_classes), **attributes}
    view = make_view(**named)
    headers = {} if token is None else {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    return view(getattr(APIRequestFactory(), method)("/", **headers))


CLOSED = {
    "IsAuthenticated": [People],
    "IsAdminUser": [drf.IsAdminUser],
    "IsAuthenticated & AllowAny": [People & drf.AllowAny],
    "IsAuthenticated and AllowAny": [People, drf.AllowAny],
    "IsAuthenticated | IsAdminUser": [People | drf.IsAdminUser],
}


@pytest.mark.parametrize("permission_classes", CLOSED.values(), ids=CLOSED.keys())
def test_stays_closed_to_machines_where_nothing_asks_for_scopes(
    reader: str, permission_classes: list[Any]
) -> None:
    answer = call(reader, *permission_classes)

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]


def test_tells_in_the_log_how_to_invite_machines(
    reader: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "django_cc"):
        call(reader, People)

    assert "View does not invite machines" in caplog.text
    assert "machine_access = True" in caplog.text


ENOUGH = {
    "HasRequiredScopes": [Scopes],
    "a subclass": [Subclass],
    "IsAuthenticated and HasRequiredScopes": [People, Scopes],
    "HasRequiredScopes & IsAuthenticated": [Scopes & People],
    "IsAuthenticated & HasRequiredScopes": [People & Scopes],
    "nested &": [drf.AllowAny & (People & Scopes)],
    "IsAuthenticated | HasRequiredScopes": [People | Scopes],
    "HasRequiredScopes | IsAdminUser": [Scopes | drf.IsAdminUser],
    "IsAuthenticatedOrReadOnly": [drf.IsAuthenticatedOrReadOnly],
    "TokenHasScope": [TokenHasScope],
    "IsAuthenticated and TokenHasScope": [People, TokenHasScope],
    "IsAuthenticatedOrTokenHasScope": [IsAuthenticatedOrTokenHasScope],
    "TokenMatchesOASRequirements": [TokenMatchesOASRequirements],
}
NEEDS: dict[str, Any] = {
    "required_scopes": ["orders:read"],
    "required_alternate_scopes": {"GET": [["orders:read"]], "POST": [["orders:read"]]},
}


@pytest.mark.parametrize("permission_classes", ENOUGH.values(), ids=ENOUGH.keys())
def test_opens_where_the_scopes_suffice(reader: str, permission_classes: list[Any]) -> None:
    assert call(reader, *permission_classes, **NEEDS).status_code == 200


LACKING: dict[str, Any] = {
    "required_scopes": ["orders:write"],
    "required_alternate_scopes": {"POST": [["orders:write"]]},
}
REFUSING = {**ENOUGH, "~HasRequiredScopes & IsAuthenticated": [~Scopes & People]}


@pytest.mark.parametrize("permission_classes", REFUSING.values(), ids=REFUSING.keys())
def test_stays_closed_where_the_scopes_do_not_suffice(
    reader: str, permission_classes: list[Any]
) -> None:
    answer = call(reader, *permission_classes, method="post", **LACKING)

    assert answer.status_code == 403


DOES_NOT_INVITE = {
    "under |": [drf.AllowAny | Scopes],
    "under ~": [~Scopes],
    "no permission class": [],
    "AllowAny": [drf.AllowAny],
}


@pytest.mark.parametrize("permission_classes", DOES_NOT_INVITE.values(), ids=DOES_NOT_INVITE.keys())
def test_treats_a_machine_as_a_stranger_in_a_public_view(
    reader: str, permission_classes: list[Any]
) -> None:
    answer = call(reader, *permission_classes, required_scopes=["orders:write"])

    assert answer.status_code == 200
    assert answer.data["is_authenticated"] is False


def test_invites_every_machine_of_the_api_where_the_view_says_so(reader: str) -> None:
    answer = call(reader, People, machine_access=True)

    assert answer.data["is_authenticated"] is True


@pytest.mark.parametrize("required", [None, [], {}, {"POST": ["orders:read"]}, ""], ids=repr)
def test_refuses_everybody_where_required_scopes_name_nothing(
    reader: str, required: Any, caplog: pytest.LogCaptureFixture
) -> None:
    attributes = {} if required is None else {"required_scopes": required}

    answer = call(reader, Scopes, **attributes)

    assert answer.status_code == 403
    assert "set required_scopes" in caplog.text


def test_refuses_an_empty_list_to_the_toolkits_permission_too(reader: str) -> None:
    assert call(reader, TokenHasScope, required_scopes=[]).status_code == 403


@pytest.mark.parametrize(
    ("permission_class", "required", "held"),
    [
        (TokenHasReadWriteScope, [], "read"),
        (TokenHasResourceScope, ["orders"], "orders:read"),
    ],
    ids=["TokenHasReadWriteScope", "TokenHasResourceScope"],
)
def test_satisfies_the_rest_of_the_toolkits_family(
    token_endpoint: TokenEndpoint, permission_class: Any, required: list[str], held: str
) -> None:
    from django_cc.models import API, Scope
    from tests.projects.combined import ORDERS_API

    Scope.objects.get_or_create(api=API.objects.get(identifier=ORDERS_API), name=held)
    token = token_endpoint.access_token(register(scopes=[held]))

    answer = call(token, permission_class, required_scopes=required)

    assert answer.status_code == 200


def test_gives_a_machine_no_model_permission_by_default(reader: str) -> None:
    from django.contrib.auth.models import Group

    answer = call(reader, drf.DjangoModelPermissions, queryset=Group.objects.all())

    assert answer.status_code == 403


def test_lets_a_view_look_at_the_user_to_choose_its_permissions(reader: str) -> None:
    def get_permissions(self: Any) -> list[Any]:
        if self.request.user.is_authenticated:
            return [drf.AllowAny()]
        return [HasRequiredScopes()]

    answer = call(reader, get_permissions=get_permissions, **NEEDS)

    assert answer.status_code == 200


def test_takes_head_for_get(reader: str) -> None:
    answer = call(
        reader, Scopes, method="head", required_scopes={"GET": ["orders:read"]}, head=WhoAmI.get
    )

    assert answer.status_code == 200


def test_logs_nothing_loud_for_strangers(db: None, caplog: pytest.LogCaptureFixture) -> None:
    call(None, Scopes)

    assert not caplog.text


def test_leaves_people_as_they_were(db: None) -> None:
    user = get_user_model().objects.create_user("ana")
    request = APIRequestFactory().get("/")
    request.user = user
    view = make_view(permission_classes=[People])

    answer = view(request)

    assert answer.data == {"user": "ana", "is_authenticated": True}
