"""BearerTokenAuthentication beside other classes, and the API a view belongs to."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from django_cc.models import API
from django_cc.protocol.errors import TemporarilyUnavailable
from django_cc.resource_server.authentication import BearerTokenAuthentication
from django_cc.resource_server.permissions import HasRequiredScopes
from django_cc.resource_server.verification import port
from tests.jwts import segment
from tests.machines import TokenEndpoint, register
from tests.offline_verifier import OfflineVerifier
from tests.projects.api_views import WhoAmI
from tests.projects.combined import ISSUER

OPAQUE = "an-opaque-token-of-somebody-else"
FOREIGN = f"{segment({'alg': 'ES256'})}.{segment({'iss': 'https://other.example'})}.{segment(b'x')}"


SCOPED = {"permission_classes": [HasRequiredScopes], "required_scopes": "orders:read"}


class TokensOfSomebodyElse(BaseAuthentication):
    """Takes whatever bearer token reaches it."""

    def authenticate(self, request: Request) -> Any:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        return (get_user_model()(username="somebody"), "theirs") if header else None


def call(token: str, *classes: Any, **attributes: Any) -> Any:
    named = {"authentication_classes": [BearerTokenAuthentication, *classes], **attributes}
    kind: Any = type("View", (WhoAmI,), named)
    return kind.as_view()(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}"))


@pytest.fixture
def token(token_endpoint: TokenEndpoint) -> str:
    return token_endpoint.access_token(register(scopes=["orders:read"]))


@pytest.mark.parametrize("foreign", [OPAQUE, FOREIGN], ids=["opaque", "another issuer"])
def test_leaves_a_foreign_token_to_the_next_class(db: None, foreign: str) -> None:
    assert call(foreign, TokensOfSomebodyElse).data["user"] == "somebody"


@pytest.mark.parametrize("foreign", [OPAQUE, FOREIGN], ids=["opaque", "another issuer"])
def test_refuses_a_foreign_token_when_it_is_alone(db: None, foreign: str) -> None:
    answer = call(foreign)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_never_leaves_a_token_that_names_our_issuer_to_the_next_class(db: None) -> None:
    forged = f"{segment({'alg': 'none'})}.{segment({'iss': ISSUER})}.{segment(b'')}"

    assert call(forged, TokensOfSomebodyElse).status_code == 401


def test_accepts_no_token_where_the_view_does_not_say_its_api(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = call(token, api=None, **SCOPED)

    assert answer.status_code == 401
    assert "Set its attribute api" in caplog.text


def test_knows_the_only_api_of_the_setting(token: str, settings: Any) -> None:
    only = {"https://orders.example.com": {"scopes": {"orders:read": ""}}}
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": only}

    answer = call(token, api=None, **SCOPED)

    assert answer.status_code == 200


def test_knows_the_only_api_of_the_database(token: str, settings: Any) -> None:
    settings.DJANGO_CC = {**settings.DJANGO_CC, "APIS": {}}
    API.objects.exclude(identifier="https://orders.example.com").delete()

    assert call(token, api=None, **SCOPED).status_code == 200


def test_is_nobody_outside_of_a_view(token: str) -> None:
    request = Request(
        APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}"),
        authenticators=[BearerTokenAuthentication()],
    )

    assert not request.user.is_authenticated


FORM = "application/x-www-form-urlencoded"


class CutOff(BytesIO):
    """A body whose sender went away."""

    def read(self, *sizes: Any) -> bytes:
        raise OSError("gone")


def test_refuses_a_form_that_did_not_arrive(token: str) -> None:
    request: Any = APIRequestFactory().post("/", b"a=1234567", content_type=FORM)
    request.META["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    request._stream = CutOff()

    view: Any = type("View", (WhoAmI,), SCOPED)
    answer = view.as_view()(request)

    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer["WWW-Authenticate"]


def test_lets_a_middleware_have_the_body(token: str) -> None:
    request = APIRequestFactory().post("/", b"a=1234567", content_type=FORM)
    request.META["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    request.read()

    view: Any = type("View", (WhoAmI,), SCOPED)

    assert view.as_view()(request).status_code == 200


def test_says_when_to_come_back_while_nobody_can_tell(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(OfflineVerifier):
        def verify(self, token: str, *, audience: str, now: Any) -> Any:
            raise TemporarilyUnavailable("Tokens cannot be verified right now.", retry_after=7)

    monkeypatch.setattr(port, "_in_use", Away())

    answer = call(token, **SCOPED)

    assert (answer.status_code, answer["Retry-After"]) == (503, "7")
    assert "WWW-Authenticate" not in answer
