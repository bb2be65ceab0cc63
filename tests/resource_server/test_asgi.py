"""The same answers where Django is served by ASGI."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from django_cc.resource_server.decorators import machine_access
from django_cc.resource_server.verification import port
from tests.offline_verifier import OfflineVerifier, sign
from tests.projects.combined import ORDERS_API
from tests.transactions import IS_ATOMIC

pytestmark = pytest.mark.skipif(IS_ATOMIC, reason="Django runs no async view in a transaction")


async def tell(request: HttpRequest) -> HttpResponse:
    """Tell who calls."""
    user: Any = await request.auser()
    return JsonResponse({"user": str(user)})


urlpatterns = [
    path("", include("django_cc.urls")),
    path("api/", include("tests.projects.api_views")),
    path("async/", machine_access(scopes=["orders:read"], api=ORDERS_API)(tell)),
]


@async_to_sync
async def ask(path: str, *headers: tuple[bytes, bytes], body: bytes = b"") -> Any:
    """Send one request to the ASGI application; return status, headers and JSON."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST" if body else "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"content-length", b"%d" % len(body)), *headers],
    }
    communicator: Any = ApplicationCommunicator  # asgiref types it not
    application = communicator(get_asgi_application(), scope)
    await application.send_input({"type": "http.request", "body": body})
    start = await application.receive_output(10)
    answer = await application.receive_output(10)
    await application.wait(10)
    return start["status"], dict(start["headers"]), json.loads(answer["body"])


@pytest.fixture
def bearer(monkeypatch: pytest.MonkeyPatch, settings: Any) -> tuple[bytes, bytes]:
    # Under ASGI each request has threads of its own, and so no part in a test's transaction.
    monkeypatch.setattr(port, "_in_use", OfflineVerifier())
    settings.ROOT_URLCONF = __name__
    token = sign(now=datetime.now(UTC), scope="orders:read orders:write", audience=ORDERS_API)
    return b"authorization", f"Bearer {token}".encode()


@pytest.mark.parametrize("path", ["/async/", "/api/scoped/"], ids=["plain", "DRF"])
def test_lets_a_machine_in(bearer: tuple[bytes, bytes], path: str) -> None:
    status, _, body = ask(path, bearer)

    assert status == 200
    assert body["user"].startswith("client:")


@pytest.mark.parametrize("path", ["/async/", "/api/scoped/"], ids=["plain", "DRF"])
def test_challenges_a_stranger(bearer: tuple[bytes, bytes], path: str) -> None:
    status, headers, _ = ask(path)

    assert (status, headers[b"WWW-Authenticate"]) == (401, b'Bearer realm="api"')


@pytest.mark.rfc("6750", "2", "MUST NOT use more than one method to transmit the token")
@pytest.mark.parametrize("path", ["/async/", "/api/scoped/"], ids=["plain", "DRF"])
@pytest.mark.parametrize("other", [b"Basic YTpi", b"Bearer abc"])
def test_refuses_two_authorization_headers(
    bearer: tuple[bytes, bytes], path: str, other: bytes
) -> None:
    second = (b"authorization", other)

    statuses = [ask(path, bearer, second)[0], ask(path, second, bearer)[0]]

    assert statuses == [400, 400]


@pytest.mark.parametrize("path", ["/async/", "/api/scoped/"], ids=["plain", "DRF"])
def test_refuses_a_second_token_in_the_form(bearer: tuple[bytes, bytes], path: str) -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")

    status, headers, _ = ask(path, bearer, form, body=b"access_token=abc")

    assert status == 400
    assert b'error="invalid_request"' in headers[b"WWW-Authenticate"]
