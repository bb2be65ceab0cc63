"""What each of our permission classes lets in, alone and composed."""

from typing import Any

import pytest
from rest_framework import permissions as drf
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.viewsets import ViewSet

from django_cc.resource_server.permissions import (
    HasAnyRequiredScope,
    HasRequiredScopes,
    IsAllowedClient,
    IsMachine,
    ScopePermission,
)
from tests.jwts import read_claims
from tests.resource_server.admission.calling import (
    ORDERS_API,
    call,
    make_view,
    needs_users,
)
from tests.resource_server.admission.conftest import IssueToken

People = drf.IsAuthenticated
READ: dict[str, Any] = {"required_scopes": ["orders:read"]}
WRITE: dict[str, Any] = {"required_scopes": ["orders:write"]}


def client_of(token: str) -> str:
    client_id: str = read_claims(token)["client_id"]
    return client_id


BY_METHOD = {"GET": ["orders:read"], "POST": ["orders:write"], "PATCH": "orders:read orders:write"}


@pytest.mark.parametrize(
    ("method", "status"),
    [("get", 200), ("post", 403), ("patch", 403), ("put", 403), ("delete", 403), ("options", 200)],
)
def test_takes_the_scopes_of_the_method_and_no_other(reader: str, method: str, status: int) -> None:
    answer = call(reader, HasRequiredScopes, method=method, required_scopes=BY_METHOD)

    assert answer.status_code == status


@pytest.mark.parametrize("method", ["put", "delete"])
def test_refuses_a_method_that_is_not_named_to_whatever_scopes(
    issue_token: IssueToken, method: str
) -> None:
    token = issue_token("orders:read orders:write")

    answer = call(token, HasRequiredScopes, method=method, required_scopes=BY_METHOD)

    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["head", "options"])
def test_takes_a_safe_method_for_get_unless_it_is_named(reader: str, method: str) -> None:
    named = {"GET": ["orders:read"], method.upper(): ["orders:write"]}

    answer = call(reader, HasRequiredScopes, method=method, required_scopes=named, head=None)

    assert answer.status_code == 403


class Orders(ViewSet):
    """Has scopes by action."""

    api = ORDERS_API
    permission_classes = [HasRequiredScopes]
    required_scopes: Any = {"list": ["orders:read"], "create": ["orders:write"]}

    def list(self, request: Any) -> Response:
        return Response([])

    def create(self, request: Any) -> Response:
        return Response({}, status=201)


ROUTES: Any = {"get": "list", "post": "create"}


@pytest.mark.parametrize(
    ("method", "status"), [("get", 200), ("head", 200), ("post", 403), ("options", 403)]
)
def test_takes_the_scopes_of_the_action(reader: str, method: str, status: int) -> None:
    request = getattr(APIRequestFactory(), method)("/", HTTP_AUTHORIZATION=f"Bearer {reader}")

    assert Orders.as_view(ROUTES)(request).status_code == status


@pytest.mark.parametrize("name", ["metadata", "OPTIONS"])
def test_lets_describe_what_the_action_of_the_other_method_takes(
    issue_token: IssueToken, name: str
) -> None:
    scopes = {**Orders.required_scopes, name: ["orders:write"]}
    request = APIRequestFactory().options(
        "/", HTTP_AUTHORIZATION=f"Bearer {issue_token('orders:write')}"
    )

    assert Orders.as_view(ROUTES, required_scopes=scopes)(request).status_code == 200


def test_lets_a_subclass_find_the_scopes_elsewhere(reader: str) -> None:
    class ByPath(HasRequiredScopes):
        def get_required_scopes(self, request: Any, view: Any) -> list[str]:
            return [f"orders:{request.path.strip('/') or 'read'}"]

    assert call(reader, ByPath).data["is_authenticated"] is True


@pytest.mark.parametrize(
    ("required", "status"),
    [
        (["orders:write", "orders:read"], 200),
        (["orders:write", "orders:delete"], 403),
        ({"GET": ["orders:write", "orders:read"]}, 200),
        ({"POST": ["orders:read"]}, 403),
        ([], 403),
    ],
    ids=str,
)
def test_is_content_with_any_of_the_scopes(reader: str, required: Any, status: int) -> None:
    answer = call(reader, HasAnyRequiredScope, required_scopes=required)

    assert answer.status_code == status


@pytest.mark.rfc("6750", "3.1", "insufficient_scope MAY name the scope it takes")
def test_asks_for_the_least_of_the_scopes_that_would_do(reader: str) -> None:
    choice = ["orders:write", "orders:delete"]

    answer = call(reader, HasAnyRequiredScope, required_scopes=choice)

    assert 'scope="orders:write"' in answer["WWW-Authenticate"]


def test_has_no_rule_of_its_own_to_fall_back_on(reader: str) -> None:
    class Unfinished(ScopePermission):
        """Does not say what suffices."""

    assert call(reader, Unfinished, **READ).status_code == 403


def test_lets_any_machine_in_that_is_one(issue_token: IssueToken) -> None:
    answer = call(issue_token("orders:delete"), IsMachine)

    assert answer.data["is_authenticated"] is True


def test_refuses_a_stranger_who_is_no_machine(project: None) -> None:
    assert call(None, IsMachine).status_code == 401


@needs_users
@pytest.mark.parametrize("rule", [IsMachine, IsAllowedClient, HasRequiredScopes])
def test_refuses_people(project: None, rule: Any) -> None:
    from django.contrib.auth import get_user_model

    request = APIRequestFactory().get("/")
    request.user = get_user_model()(pk=1)
    view = make_view(permission_classes=[rule], **READ, allowed_clients=["abc"])

    assert view(request).status_code == 403


NO_MACHINES: dict[str, list[Any]] = {
    "~": [~IsMachine],
    "~ and IsAuthenticated": [~IsMachine, People],
    "~ or staff": [~IsMachine | drf.IsAdminUser],
    "scopes or ~": [HasRequiredScopes | ~IsMachine],
}


@pytest.mark.parametrize("permission_classes", NO_MACHINES.values(), ids=NO_MACHINES)
def test_keeps_machines_out(reader: str, permission_classes: list[Any]) -> None:
    assert call(reader, *permission_classes, **WRITE).status_code == 403


def test_keeps_the_door_open_for_others_where_it_keeps_machines_out(project: None) -> None:
    assert call(None, ~IsMachine).status_code == 200


@pytest.mark.parametrize("rule", [IsAllowedClient, IsAllowedClient & People], ids=["alone", "&"])
def test_lets_in_the_clients_that_are_named(reader: str, rule: Any) -> None:
    answer = call(reader, rule, allowed_clients=["somebody", client_of(reader)])

    assert answer.data["is_authenticated"] is True


@pytest.mark.parametrize(
    "allowed", [["somebody"], "somebody", {"POST": ["somebody"]}, [], None], ids=str
)
def test_refuses_clients_that_are_not_named(reader: str, allowed: Any) -> None:
    answer = call(reader, IsAllowedClient, allowed_clients=allowed)

    assert answer.status_code == 403
    assert " scope=" not in answer["WWW-Authenticate"]


def test_reports_a_view_that_names_no_client(reader: str, caplog: pytest.LogCaptureFixture) -> None:
    call(reader, IsAllowedClient)

    assert "View refuses GET: set allowed_clients" in caplog.text


def test_takes_clients_by_method(reader: str) -> None:
    named = {"GET": [client_of(reader)]}

    assert call(reader, IsAllowedClient, allowed_clients=named).status_code == 200
    assert call(reader, IsAllowedClient, method="post", allowed_clients=named).status_code == 403


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (HasRequiredScopes & IsAllowedClient, 200),
        (HasRequiredScopes & ~IsAllowedClient, 403),
        (HasRequiredScopes | IsAllowedClient, 200),
        (HasAnyRequiredScope & IsMachine & People, 200),
        (IsAllowedClient | drf.IsAdminUser, 200),
        (~HasRequiredScopes & IsMachine, 403),
        (~HasRequiredScopes | IsAllowedClient, 200),
        (~~HasRequiredScopes, 200),
    ],
)
def test_composes(reader: str, rule: Any, status: int) -> None:
    answer = call(reader, rule, **READ, allowed_clients=[client_of(reader)])

    assert answer.status_code == status


@pytest.mark.parametrize("rule", [IsMachine, IsAllowedClient, HasAnyRequiredScope])
def test_opens_no_other_branch(reader: str, rule: Any) -> None:
    answer = call(reader, (rule & ~rule) | People, **READ, allowed_clients=[client_of(reader)])

    assert answer.status_code == 403


def test_does_not_call_a_view_closed_that_knows_machines(
    reader: str, caplog: pytest.LogCaptureFixture
) -> None:
    call(reader, IsAllowedClient | People, allowed_clients=["somebody"])

    assert "does not invite machines" not in caplog.text


class NotThis(drf.BasePermission):
    """Lets everybody in, and at no object."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return False


def get_object(self: Any, request: Any) -> Response:
    self.check_object_permissions(request, object())
    return Response({})


AT_THE_OBJECT = {
    "scopes": (HasRequiredScopes, 200),
    "not others": (~IsAllowedClient, 200),
    "not not the scopes": (~~HasRequiredScopes, 200),
    "scopes and the object's rule": (HasRequiredScopes & NotThis, 403),
    "scopes or the object's rule": (HasRequiredScopes | NotThis, 200),
    "not the scopes, or the object's rule": (~HasRequiredScopes | NotThis, 403),
}


@pytest.mark.parametrize(("rule", "status"), AT_THE_OBJECT.values(), ids=AT_THE_OBJECT)
def test_decides_at_an_object_as_at_the_view(reader: str, rule: Any, status: int) -> None:
    answer = call(reader, rule, get=get_object, **READ, allowed_clients=["somebody"])

    assert answer.status_code == status


def test_leaves_objects_to_the_project(reader: str) -> None:
    class OnlyItsOwn(HasRequiredScopes):
        def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return bool(obj == request.auth.client_id)

    def get(self: Any, request: Any) -> Response:
        self.check_object_permissions(request, request.query_params.get("of", client_of(reader)))
        return Response({})

    view = make_view(permission_classes=[OnlyItsOwn], **READ, get=get)
    header: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {reader}"}

    own = view(APIRequestFactory().get("/", **header))
    other = view(APIRequestFactory().get("/?of=somebody", **header))

    assert (own.status_code, other.status_code) == (200, 403)


class ViewPermissions(drf.DjangoModelPermissions):
    """Asks for a permission to see, too."""

    perms_map = {
        **drf.DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
    }


MODEL = {"machine_access": True}


@needs_users
@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [
        ("auth.view_permission", "get", 200),
        ("auth.add_permission", "get", 403),
        ("auth.add_permission", "post", 200),
        ("auth.view_permission", "delete", 403),
    ],
)
def test_takes_scopes_for_model_permissions(
    issue_token: IssueToken, scope: str, method: str, status: int
) -> None:
    from django.contrib.auth.models import Permission

    answer = call(
        issue_token(scope),
        ViewPermissions,
        method=method,
        queryset=Permission.objects.all(),
        **MODEL,
    )

    assert answer.status_code == status


@needs_users
def test_takes_no_scope_for_the_permission_of_an_object(issue_token: IssueToken) -> None:
    from django.contrib.auth.models import Permission

    token = issue_token("auth.change_permission")
    answer = call(
        token,
        drf.DjangoObjectPermissions,
        method="patch",
        queryset=Permission.objects.all(),
        patch=get_object,
        **MODEL,
    )

    assert answer.status_code == 403
