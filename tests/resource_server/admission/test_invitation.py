"""Machines enter a view only by invitation, whatever its permission classes are."""

import logging
from typing import Any

import pytest
from rest_framework import permissions as drf
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from django_cc.resource_server.permissions import HasRequiredScopes
from tests.resource_server.admission.calling import (
    WhoAmI,
    call,
    make_view,
    needs_users,
)
from tests.resource_server.admission.conftest import IssueToken

People = drf.IsAuthenticated
Scopes = HasRequiredScopes


class Subclass(HasRequiredScopes):
    """What a project might derive."""


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


class Never(drf.BasePermission):
    """Refuses everybody."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class NotThis(drf.BasePermission):
    """Lets everybody in, and at no object."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return False


class Generous(HasRequiredScopes):
    """Overrides what it inherits, and says nothing about scopes."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.is_authenticated) or super().has_permission(request, view)


SCOPES_ALONE_MUST_NOT_OPEN = {
    "failed branch, then people": [(Scopes & Never) | People],
    "people, then failed branch": [People | (Scopes & Never)],
    "not the scopes, or people": [~Scopes | People],
    "people, or not the scopes": [People | ~Scopes],
    "scopes or staff, then people": [Scopes | drf.IsAdminUser, People],
}


@pytest.mark.parametrize(
    "permission_classes",
    SCOPES_ALONE_MUST_NOT_OPEN.values(),
    ids=SCOPES_ALONE_MUST_NOT_OPEN.keys(),
)
def test_stays_a_stranger_to_the_other_side_of_a_composition(
    reader: str, permission_classes: list[Any]
) -> None:
    assert call(reader, *permission_classes, **NEEDS).status_code == 403


@pytest.mark.parametrize(
    "rule", [People | (Scopes & NotThis), (Scopes & NotThis) | People], ids=["last", "first"]
)
def test_keeps_object_rules_on_the_branch_of_machines(reader: str, rule: Any) -> None:
    def get(self: Any, request: Any) -> Any:
        self.check_object_permissions(request, object())
        return Response({})

    assert call(reader, rule, get=get, **NEEDS).status_code == 403


def test_does_not_trust_a_subclass_that_decides_for_itself(issue_token: IssueToken) -> None:
    writer = issue_token("orders:write")

    assert call(writer, Generous, **NEEDS).status_code == 403


def make_idiom(decide: Any) -> type[drf.BasePermission]:
    """Return a permission class that decides by a one-line idiom."""
    return type("Idiom", (drf.BasePermission,), {"has_permission": lambda _s, r, _v: decide(r)})


def _anonymous() -> Any:
    from django.contrib.auth.models import AnonymousUser  # only where users are installed

    return AnonymousUser()


IDIOMS = {
    "not isinstance": lambda request: type(request.user).__name__ != "AnonymousUser",
    "pk": lambda request: request.user.pk is not None,
    "auth": lambda request: request.auth is not None,
    "unequal": lambda request: request.user != _anonymous(),
    "is_active": lambda request: request.user.is_active,
    "groups": lambda request: request.user.groups.filter(name="staff").exists(),
}


@needs_users
@pytest.mark.parametrize("decide", IDIOMS.values(), ids=IDIOMS.keys())
def test_is_nobody_to_a_view_that_never_heard_of_machines(reader: str, decide: Any) -> None:
    assert call(reader, make_idiom(decide)).status_code == 403


def test_leaves_public_views_open_where_it_cannot_tell_their_api(reader: str) -> None:
    assert call(reader, drf.AllowAny, api=None).status_code == 200


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
}
NEEDS: dict[str, Any] = {"required_scopes": ["orders:read"]}


@pytest.mark.parametrize("permission_classes", ENOUGH.values(), ids=ENOUGH.keys())
def test_opens_where_the_scopes_suffice(reader: str, permission_classes: list[Any]) -> None:
    assert call(reader, *permission_classes, **NEEDS).status_code == 200


LACKING: dict[str, Any] = {"required_scopes": ["orders:write"]}
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


@needs_users
def test_gives_a_machine_no_model_permission_by_default(reader: str) -> None:
    from django.contrib.auth.models import Group

    answer = call(reader, drf.DjangoModelPermissions, queryset=Group.objects.all())

    assert answer.status_code == 403


@needs_users
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


def test_logs_nothing_loud_for_strangers(project: None, caplog: pytest.LogCaptureFixture) -> None:
    call(None, Scopes)

    assert not caplog.text


@needs_users
def test_leaves_people_as_they_were(db: None) -> None:
    from django.contrib.auth import get_user_model

    user = get_user_model()(pk=1)
    request = APIRequestFactory().get("/")
    request.user = user
    view = make_view(permission_classes=[People])

    answer = view(request)

    assert answer.data == {"user": str(user), "is_authenticated": True}
