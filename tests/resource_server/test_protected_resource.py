"""RFC 9728 in a project that only checks tokens: where tokens for its APIs come from."""

import json
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory

from django_cc.resource_server.protected_resource import protected_resource_metadata
from django_cc.resource_server.verification import strategies

IDP = "https://idp.example"
OTHER = "https://other.example"
API = "https://testserver/reports"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """As in a project without the authorization server."""
    monkeypatch.delitem(strategies._makers, strategies.LOCAL)
    entry = {"issuer": OTHER, "audience": [API, "https://testserver"]}
    settings.DJANGO_CC = {"ISSUER": IDP, "AUDIENCE": API, "ISSUERS": [entry]}


def ask(path: str, method: str = "get") -> Any:
    request = getattr(RequestFactory(), method)("/", secure=True)
    return protected_resource_metadata(request, path)


@pytest.mark.rfc("9728", "2", "authorization_servers: the issuers that may be used with it")
@pytest.mark.parametrize(
    ("path", "resource", "issuers"),
    [("/reports", API, [IDP, OTHER]), ("", "https://testserver", [OTHER])],
)
def test_names_the_issuers_of_an_api(
    alone: None, path: str, resource: str, issuers: list[str]
) -> None:
    document = json.loads(ask(path).content)

    assert document["resource"] == resource
    assert document["authorization_servers"] == issuers
    assert "scopes_supported" not in document


def test_knows_no_other_api(alone: None) -> None:
    with pytest.raises(Http404):
        ask("/orders")


def test_is_only_read(alone: None) -> None:
    assert ask("/reports", "post").status_code == 405
