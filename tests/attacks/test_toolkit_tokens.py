"""Threat: have django-oauth-toolkit accept, tell of, revoke or pass on a token of a machine."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.test import Client as HTTPClient
from django.utils import timezone
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import get_access_token_model
from oauth2_provider.settings import oauth2_settings
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.test import APIRequestFactory

from django_cc.resource_server.authentication import BearerTokenAuthentication
from tests.machines import Machine, TokenEndpoint, call
from tests.projects.api_views import WhoAmI
from tests.toolkit import basic, create_application, create_user, mount, post, set_toolkit

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(token_endpoint: TokenEndpoint, machine: Machine) -> str:
    """An access token of a machine client."""
    return token_endpoint.access_token(machine)


class ToolkitView(WhoAmI):
    """A view of the toolkit's alone."""

    authentication_classes = [OAuth2Authentication]
    permission_classes = [IsAuthenticated]


class PublicToolkitView(ToolkitView):
    permission_classes = [AllowAny]


def call_view(view: Any, token: str) -> Any:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}", secure=True)
    return view.as_view()(request)


def test_is_not_told_of_by_introspection(settings: Any, token: str) -> None:
    mount(settings)
    application = create_application()

    answer = post("/o/introspect/", {"token": token}, basic(application.client_id))

    assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_lives_on_when_somebody_revokes_it_at_the_toolkits_endpoint(
    settings: Any, token: str
) -> None:
    mount(settings)
    application = create_application()

    answer = post("/o/revoke_token/", {"token": token}, basic(application.client_id))

    assert answer.status_code == 200
    settings.ROOT_URLCONF = "tests.projects.combined_urls"
    assert call(token=token).status_code == 200


@pytest.mark.parametrize("oidc", [False, True])
@pytest.mark.parametrize("page", ["userinfo/", "introspect/"])
def test_does_not_open_a_page_of_the_toolkits(
    settings: Any, token: str, page: str, oidc: bool
) -> None:
    mount(settings)
    set_toolkit(settings, OIDC_ENABLED=oidc)

    answer = post(f"/o/{page}", {"token": token}, f"Bearer {token}")

    assert answer.status_code in {401, 403, 404}


@pytest.mark.parametrize("oidc", [False, True])
def test_does_not_open_a_view_of_the_toolkits(settings: Any, token: str, oidc: bool) -> None:
    set_toolkit(settings, OIDC_ENABLED=oidc)

    assert call_view(ToolkitView, token).status_code == 401
    assert call_view(PublicToolkitView, token).data["user"] == "AnonymousUser"


def test_is_never_sent_to_the_toolkits_introspection_server(
    settings: Any, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(requests, "post", lambda *arguments, **options: sent.append(options))
    set_toolkit(
        settings,
        RESOURCE_SERVER_INTROSPECTION_URL="https://elsewhere.example/introspect",
        RESOURCE_SERVER_AUTH_TOKEN="mine",
    )

    call_view(ToolkitView, token)

    assert sent == []


def forge(**claims: Any) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b"eHg"]).decode()


def test_makes_no_key_of_a_machine_client_for_an_id_token(settings: Any, machine: Machine) -> None:
    # The toolkit would take the column of the secret for an HMAC key, or fail with 500.
    set_toolkit(settings, OIDC_ENABLED=True)
    hint = forge(iss="https://elsewhere.example", aud=machine.client_id, jti="x", exp=9e9)

    assert oauth2_settings.OAUTH2_VALIDATOR_CLASS()._get_key_for_token(hint) is None
    assert call_view(ToolkitView, hint).status_code == 401


def test_is_looked_up_as_an_id_token_by_nobody(settings: Any, token: str) -> None:
    set_toolkit(settings, OIDC_ENABLED=True, OIDC_RP_INITIATED_LOGOUT_ENABLED=True)
    mount(settings)

    answer = HTTPClient().get("/o/logout/", {"id_token_hint": token}, secure=True)

    assert answer.status_code == 400


@pytest.mark.parametrize("first", [True, False], ids=["ours first", "alone"])
def test_leaves_the_toolkits_own_tokens_their_views(settings: Any, first: bool) -> None:
    ours = [BearerTokenAuthentication] if first else []
    view = type("View", (ToolkitView,), {"authentication_classes": [*ours, OAuth2Authentication]})
    get_access_token_model().objects.create(
        application=create_application("authorization-code"),
        token="of-the-toolkit",
        expires=timezone.now() + timedelta(minutes=5),
        user=create_user(),
        scope="read",
    )

    answer = call_view(view, "of-the-toolkit")

    assert (answer.status_code, answer.data["user"]) == (200, "ada")


def test_leaves_id_tokens_of_the_toolkits_clients_their_keys(settings: Any) -> None:
    set_toolkit(settings, OIDC_ENABLED=True)
    application = create_application(
        "authorization-code", algorithm="HS256", hash_client_secret=False, client_secret="s" * 32
    )
    hint = forge(iss="https://elsewhere.example", aud=application.client_id, jti="x", exp=9e9)

    assert oauth2_settings.OAUTH2_VALIDATOR_CLASS()._get_key_for_token(hint) is not None
