"""Challenges say where the API is described (RFC 9728 §5.1), where it is."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client as HTTPClient
from django.urls import include, path, set_script_prefix

from tests.machines import Machine, TokenEndpoint, register
from tests.projects.api_views import ScopedView

HOST = "orders.example.com"
URL = f"https://{HOST}/.well-known/oauth-protected-resource"
urlpatterns: list[Any] = []


def describe(request: HttpRequest, resource_path: str = "") -> HttpResponse:
    """Stand where a metadata document is served."""
    return HttpResponse()


DESCRIBED = [
    path(".well-known/oauth-protected-resource", describe, name="protected_resource_metadata"),
    path(
        ".well-known/oauth-protected-resource<path:resource_path>",
        describe,
        name="metadata_of_protected_resource",
    ),
]


def mount(settings: Any, *patterns: Any, api: str = f"https://{HOST}") -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = __name__
    urlpatterns[:] = [*patterns, path("", include("django_cc.urls"))]
    urlpatterns.append(path("x/", ScopedView.as_view(api=api)))


def ask(token: str | None = None, host: str = HOST, method: str = "GET") -> Any:
    headers = {"host": host} | ({"authorization": f"Bearer {token}"} if token else {})
    return HTTPClient().generic(method, "/x/", headers=headers)


@pytest.fixture
def machine(db: None) -> Machine:
    return register(scopes=["orders:read"])


@pytest.mark.rfc("9728", "5.1", "resource_metadata in the challenge of a 401")
def test_tells_a_stranger_where_the_api_is_described(db: None, settings: Any) -> None:
    mount(settings, *DESCRIBED)

    assert ask()["WWW-Authenticate"] == f'Bearer realm="api", resource_metadata="{URL}"'


@pytest.mark.parametrize(("token", "status"), [("abc", 401), ("a b", 400)])
def test_tells_whoever_sends_a_bad_token(db: None, settings: Any, token: str, status: int) -> None:
    mount(settings, *DESCRIBED)

    answer = ask(token)

    assert answer.status_code == status
    assert answer["WWW-Authenticate"].endswith(f'resource_metadata="{URL}"')


def test_tells_a_machine_that_lacks_a_scope(
    settings: Any, token_endpoint: TokenEndpoint, machine: Machine
) -> None:
    token = token_endpoint.access_token(machine)
    mount(settings, *DESCRIBED)

    answer = ask(token, method="POST")

    assert answer.status_code == 403
    assert answer["WWW-Authenticate"].endswith(f'scope="orders:write", resource_metadata="{URL}"')


@pytest.mark.rfc("9728", "3.1", "the well-known part goes between host and path")
def test_tells_where_an_api_with_a_path_is_described(db: None, settings: Any) -> None:
    mount(settings, *DESCRIBED, api=f"https://{HOST}/v1")

    assert f'resource_metadata="{URL}/v1"' in ask()["WWW-Authenticate"]


ELSEWHERE: dict[str, dict[str, Any]] = {
    "the route is not mounted": {"patterns": [path("y/", describe)]},
    "another view is there": {"patterns": [path("<path:resource_path>", describe, name="other")]},
    "the identifier is a name": {"api": "urn:orders"},
    "the API is called by another name": {"host": "internal.example.com"},
}


@pytest.mark.parametrize("case", ELSEWHERE.values(), ids=ELSEWHERE)
def test_sends_nobody_where_nothing_is(db: None, settings: Any, case: dict[str, Any]) -> None:
    patterns = case.get("patterns", DESCRIBED)
    mount(settings, api=case.get("api", f"https://{HOST}"))
    urlpatterns[:] = [*patterns, *[route for route in urlpatterns if "x/" in str(route.pattern)]]

    assert "resource_metadata" not in str(ask(host=case.get("host", HOST)).headers)


def test_sends_nobody_to_the_root_where_the_project_is_below_it(db: None, settings: Any) -> None:
    mount(settings, *DESCRIBED)
    set_script_prefix("/shop/")  # as a server does for each request
    try:
        answer = ask()
    finally:
        set_script_prefix("/")

    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_challenges_whoever_names_a_host_that_is_not_allowed(db: None, settings: Any) -> None:
    mount(settings, *DESCRIBED)
    settings.ALLOWED_HOSTS = ["other.example.com"]
    settings.MIDDLEWARE = []

    assert ask()["WWW-Authenticate"] == 'Bearer realm="api"'
