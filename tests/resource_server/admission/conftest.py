"""The same suite in several projects: with an authorization server, without, with other users."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps

from django_cc.resource_server.verification import port
from tests.offline_verifier import OfflineVerifier, sign
from tests.resource_server.admission.calling import ORDERS_API

IssueToken = Callable[[str], str]


if apps.is_installed("django_cc"):

    @pytest.fixture
    def project(db: None) -> None:
        """The project as it is, with its tables."""

    @pytest.fixture
    def issue_token(db: None) -> IssueToken:
        """Return a function that returns a token of the given scope."""
        return _issue

else:

    @pytest.fixture
    def project() -> None:
        """The project as it is, without tables."""

    @pytest.fixture
    def issue_token(monkeypatch: pytest.MonkeyPatch) -> IssueToken:
        """Return a function that returns a token of the given scope."""
        monkeypatch.setattr(port, "_in_use", OfflineVerifier())
        return lambda scope: sign(now=datetime.now(UTC), scope=scope, audience=ORDERS_API)


@pytest.fixture
def reader(issue_token: IssueToken) -> str:
    """A token that may read orders."""
    return issue_token("orders:read")


def _issue(scope: str) -> str:
    # Only a project that has the tables can import what writes to them.
    from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
    from django_cc.models import API, Scope
    from tests.machines import ACTOR, TokenEndpoint, register

    ensure_signing_key(ACTOR)
    api: Any = API.objects.get(identifier=ORDERS_API)
    for name in scope.split():
        Scope.objects.get_or_create(api=api, name=name)
    machine = register(uuid4().hex, scope.split())
    return TokenEndpoint().access_token(machine)
