"""`@machine_access` on plain Django views, and on functions of DRF."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from django_cc.resource_server.decorators import machine_access
from django_cc.resource_server.permissions import HasRequiredScopes
from tests.machines import Machine, TokenEndpoint, register
from tests.projects.combined import BILLING_API, ORDERS_API

READ: dict[str, Any] = {"scopes": ["orders:read"], "api": ORDERS_API}


def tell(request: Any, *args: Any) -> HttpResponse:
    """Tell who calls."""
    auth = getattr(request, "auth", None)
    return JsonResponse({"user": str(request.user), "scope": auth and auth.scope})


async def tell_later(request: Any) -> HttpResponse:
    """Tell who calls, asynchronously."""
    user = await request.auser()
    return JsonResponse({"user": str(user), "may": await user.ahas_perm("orders:read")})


def ask(view: Callable[..., Any], token: str | None = None, **more: Any) -> Any:
    """Call a view with a token."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    method, user = more.pop("method", "GET"), more.pop("user", None)
    request: Any = RequestFactory().generic(method, "/", headers=headers, **more)
    if user is not None:
        request.user = user
    return view(request)


@pytest.fixture
def machine(db: None) -> Machine:
    return register(scopes=["orders:read"])


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    return token_endpoint.access_token(machine)


@pytest.fixture
def ana(db: None) -> Any:
    return get_user_model().objects.create_user("ana")


def test_lets_a_machine_in_whose_scopes_suffice(token: str, machine: Machine) -> None:
    answer = ask(machine_access(**READ)(tell), token)

    assert json.loads(answer.content) == {
        "user": f"client:{machine.client_id}",
        "scope": "orders:read",
    }


def test_lets_a_machine_into_an_asynchronous_view(token: str, machine: Machine) -> None:
    view = machine_access(**READ)(tell_later)

    answer = ask(async_to_sync(view), token)

    assert json.loads(answer.content) == {"user": f"client:{machine.client_id}", "may": True}


@pytest.mark.parametrize("view", [tell, tell_later], ids=["def", "async def"])
@pytest.mark.rfc("6750", "3.1", "No error code where no credentials were sent")
def test_challenges_a_stranger(db: None, view: Any) -> None:
    guarded = machine_access(**READ)(view)
    answer = ask(async_to_sync(guarded) if view is tell_later else guarded)

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.rfc("6750", "3.1", "invalid_token: 401")
@pytest.mark.parametrize("garbage", ["abc", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_refuses_what_is_no_token(db: None, garbage: str) -> None:
    answer = ask(machine_access(**READ)(tell), garbage)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1", "invalid_request: 400")
def test_refuses_a_token_that_is_sent_twice(token: str) -> None:
    answer = ask(
        machine_access(**READ)(tell),
        token,
        method="POST",
        data=f"access_token={token}",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer["WWW-Authenticate"]


@pytest.mark.rfc("9700", "2.3", "A resource server MUST refuse tokens for another")
def test_refuses_a_token_for_another_api(token: str) -> None:
    answer = ask(machine_access(scopes=["orders:read"], api=BILLING_API)(tell), token)

    assert answer.status_code == 401


def test_accepts_no_token_where_it_cannot_tell_the_api(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask(machine_access(scopes=["orders:read"])(tell), token)

    assert answer.status_code == 401
    assert "tell accepts no token" in caplog.text


def test_says_when_to_come_back_while_it_cannot_tell(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_cc.protocol.errors import TemporarilyUnavailable
    from django_cc.resource_server.verification import port

    class Away(port.NoVerifier):
        def find_default_audience(self) -> str | None:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.", retry_after=7)

        def verify(self, token: str, *, audience: str, now: Any) -> Any:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.", retry_after=7)

    monkeypatch.setattr(port, "_in_use", Away())

    answer = ask(machine_access(**READ)(tell), token)
    stranger = ask(machine_access(any_scope=True)(tell))

    assert (answer.status_code, answer["Retry-After"]) == (503, "7")
    assert "WWW-Authenticate" not in answer
    assert stranger.status_code == 401


RULES: dict[str, tuple[dict[str, Any], str, int]] = {
    "all of the scopes": ({"scopes": ["orders:read", "orders:write"]}, "GET", 403),
    "a scope of another method": ({"scopes": {"POST": ["orders:read"]}}, "GET", 403),
    "the scope of the method": ({"scopes": {"POST": ["orders:read"]}}, "POST", 200),
    "HEAD as GET": ({"scopes": {"GET": "orders:read"}}, "HEAD", 200),
    "DELETE as nothing": ({"scopes": {"GET": "orders:read"}}, "DELETE", 403),
    "any of the scopes": ({"any_of": ["orders:write", "orders:read"]}, "GET", 200),
    "none of the scopes": ({"any_of": ["orders:write"]}, "GET", 403),
    "any scope": ({"any_scope": True}, "GET", 200),
    "another client": ({"clients": ["somebody"]}, "GET", 403),
    "another client of any scope": ({"clients": ["somebody"], "any_scope": True}, "GET", 403),
}


@pytest.mark.parametrize(("rules", "method", "status"), RULES.values(), ids=RULES)
def test_keeps_its_rules(token: str, rules: dict[str, Any], method: str, status: int) -> None:
    answer = ask(machine_access(**rules, api=ORDERS_API)(tell), token, method=method)

    assert answer.status_code == status


@pytest.mark.rfc("6750", "3.1", "insufficient_scope: 403, MAY name the scope")
def test_names_the_scope_it_takes(token: str) -> None:
    view = machine_access(scopes=["orders:write", "orders:read"], api=ORDERS_API)(tell)

    assert 'scope="orders:read orders:write"' in ask(view, token)["WWW-Authenticate"]


def test_lets_in_the_client_that_is_named(token: str, machine: Machine) -> None:
    rules: dict[str, Any] = {"clients": [machine.client_id], "api": ORDERS_API}

    assert ask(machine_access(**rules)(tell), token).status_code == 200
    assert ask(machine_access(**rules, any_of=["x"])(tell), token).status_code == 403


def test_lets_nobody_in_by_a_session(ana: Any) -> None:
    assert ask(machine_access(**READ)(tell), user=ana).status_code == 401


def test_does_not_look_at_the_session_of_who_sends_a_token(token: str, ana: Any) -> None:
    answer = ask(machine_access(**READ)(tell), token, user=ana)

    assert json.loads(answer.content)["user"].startswith("client:")


def test_lets_people_in_where_they_are_invited(token: str, ana: Any) -> None:
    view = machine_access(**READ, people=True)(tell)

    assert json.loads(ask(view, user=ana).content)["user"] == "ana"
    assert json.loads(ask(view, token).content)["user"].startswith("client:")
    assert ask(view).status_code == 401


def test_does_not_take_a_bad_token_for_a_person(ana: Any) -> None:
    assert ask(machine_access(**READ, people=True)(tell), "abc", user=ana).status_code == 401


def post_through_csrf(view: Any, **more: Any) -> Any:
    """Post as Django does: its CSRF middleware goes first, and may answer."""
    headers = {name: value for name, value in more.items() if name == "authorization"}
    request: Any = RequestFactory().post("/", headers=headers)
    request.user = more.get("user")
    middleware = CsrfViewMiddleware(lambda _: HttpResponse())
    middleware.process_request(request)
    return middleware.process_view(request, view, (), {}) or view(request)


def test_asks_machines_for_no_csrf_token(token: str) -> None:
    view = machine_access(**READ)(tell)

    assert post_through_csrf(view, authorization=f"Bearer {token}").status_code == 200


def test_asks_people_for_a_csrf_token(ana: Any) -> None:
    view = machine_access(**READ, people=True)(tell)

    answer = post_through_csrf(view, user=ana)

    assert answer.status_code == 403
    assert "CSRF Failed" in json.loads(answer.content)["detail"]


def test_asks_people_for_one_also_where_the_view_was_exempt(ana: Any) -> None:
    view = machine_access(**READ, people=True)(csrf_exempt(tell))

    assert post_through_csrf(view, user=ana).status_code == 403


def test_is_no_business_of_the_login_form() -> None:
    view: Any = machine_access(**READ)(tell)

    assert view.login_required is False


class Export(View):
    """A plain class of views."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return tell(request)


class AsyncExport(View):
    """An asynchronous one."""

    async def get(self, request: HttpRequest) -> HttpResponse:
        return await tell_later(request)


def test_guards_what_as_view_returned(token: str) -> None:
    assert ask(machine_access(**READ)(Export.as_view()), token).status_code == 200
    assert ask(machine_access(**READ)(Export.as_view())).status_code == 401


def test_guards_what_as_view_of_an_asynchronous_class_returned(token: str) -> None:
    guarded: Any = machine_access(**READ)(AsyncExport.as_view())
    view: Any = async_to_sync(guarded)

    assert (ask(view, token).status_code, ask(view).status_code) == (200, 401)


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"scopes": []},
        {"any_of": []},
        {"clients": []},
        {"scopes": ["a"], "any_of": ["b"]},
        {"scopes": ["a"], "any_scope": True},
        {"api": ORDERS_API},
    ],
    ids=str,
)
def test_must_say_who_may_enter(rules: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="@machine_access"):
        machine_access(**rules)


def make_function_view(*decorators: Any) -> Any:
    """Return a new function, decorated from the top."""

    def who(request: Any) -> Response:
        return Response({"user": str(request.user)})

    view: Any = who
    for decorate in reversed(decorators):
        view = decorate(view)
    return view


def test_lets_machines_into_a_function_of_drf(token: str) -> None:
    view = make_function_view(machine_access(**READ), api_view(["GET", "POST"]))

    assert ask(view, token).data["user"].startswith("client:")
    assert ask(view).status_code == 401


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ({"scopes": ["orders:write"]}, 403),
        ({"any_of": ["orders:write", "orders:read"]}, 200),
        ({"any_scope": True}, 200),
        ({"clients": ["somebody"]}, 403),
        ({"clients": ["somebody"], "scopes": ["orders:read"]}, 403),
    ],
    ids=str,
)
def test_keeps_its_rules_in_a_function_of_drf(
    token: str, rules: dict[str, Any], status: int
) -> None:
    view = make_function_view(machine_access(**rules, api=ORDERS_API), api_view(["GET"]))

    assert ask(view, token).status_code == status


def test_keeps_what_the_function_asks_of_everybody(token: str) -> None:
    view = make_function_view(
        machine_access(**READ), api_view(["GET"]), permission_classes([IsAuthenticated])
    )

    assert ask(view, token).status_code == 200


def test_lets_the_function_say_how_machines_and_people_share_it(token: str, ana: Any) -> None:
    view = make_function_view(
        machine_access(**READ),
        api_view(["GET"]),
        permission_classes([HasRequiredScopes | IsAuthenticated]),
    )

    statuses = [ask(view, token).status_code, ask(view, user=ana).status_code]

    assert statuses == [200, 200]


def test_changes_no_other_function_of_drf(token: str) -> None:
    make_function_view(machine_access(**READ), api_view(["GET"]))
    other = make_function_view(api_view(["GET"]), permission_classes([IsAuthenticated]))

    assert ask(other, token).status_code in {401, 403}


def test_is_of_no_use_below_api_view(token: str) -> None:
    view = make_function_view(api_view(["GET"]), machine_access(**READ))

    assert ask(view, token).status_code == 403


def test_says_that_it_is_below_api_view(token: str) -> None:
    view = make_function_view(
        api_view(["GET"]),
        permission_classes([IsAuthenticated, HasRequiredScopes]),
        machine_access(**READ),
    )
    view.cls.required_scopes, view.cls.api = ["orders:read"], ORDERS_API

    with pytest.raises(ImproperlyConfigured, match="above @api_view"):
        ask(view, token)


def test_refuses_what_is_no_function() -> None:
    from tests.projects.api_views import ScopedView

    with pytest.raises(TypeError, match="set permission_classes on ScopedView"):
        machine_access(**READ)(ScopedView.as_view())
    with pytest.raises(TypeError, match=r"Export.as_view\(\)"):
        machine_access(**READ)(Export)


def test_sends_people_to_the_permission_classes_of_drf() -> None:
    with pytest.raises(TypeError, match="below @api_view"):
        make_function_view(machine_access(**READ, people=True), api_view(["GET"]))
