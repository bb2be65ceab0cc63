"""Fixtures: an authorization server elsewhere, and who trusts it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.resource_server import issuer_server
from tests.resource_server.issuer_server import IssuerServer


@pytest.fixture
def issuer() -> Iterator[IssuerServer]:
    """An authorization server elsewhere."""
    with issuer_server.running() as server:
        yield server


@pytest.fixture
def trust(settings: Any, db: None) -> Any:
    """Return a function that has the project trust issuers besides itself."""

    def add(*entries: dict[str, Any], **more: Any) -> None:
        settings.DJANGO_CC = {**settings.DJANGO_CC, "ISSUERS": list(entries), **more}

    return add
