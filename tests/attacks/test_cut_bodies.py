"""Threat: a body that was cut off, or never sent whole, is taken for a wider request."""

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from django_cc.authorization_server.endpoints.token import TokenView
from tests.machines import FORM, TOKEN_URL, Machine, read_json

pytestmark = pytest.mark.django_db

WHOLE = b"grant_type=client_credentials&scope=orders:read"


def send(machine: Machine, body: bytes, length: str | None) -> tuple[int, str]:
    """Send `body` under a Content-Length of its own; return status and error."""
    environ: dict[str, Any] = RequestFactory().post(TOKEN_URL, secure=True).environ
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_TYPE": FORM, "CONTENT_LENGTH": length or ""}
    environ["HTTP_AUTHORIZATION"] = machine.basic()
    answer = TokenView.as_view()(WSGIRequest(environ))
    return answer.status_code, read_json(answer).get("error", "")


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (WHOLE[:29], str(len(WHOLE))),
        (WHOLE, None),
        (WHOLE, "ten"),
        (WHOLE, "-1"),
        (WHOLE, str(10**9)),
    ],
    ids=["cut before the scope", "no length", "no number", "negative", "huge"],
)
def test_refuses_a_body_that_is_not_what_its_length_says(
    signing_key: None, machine: Machine, body: bytes, length: str | None
) -> None:
    assert send(machine, body, length) == (400, "invalid_request")


def test_accepts_the_whole_body(signing_key: None, machine: Machine) -> None:
    assert send(machine, WHOLE, str(len(WHOLE)))[0] == 200
