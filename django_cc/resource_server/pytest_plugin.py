"""Fixtures for pytest: `pytest_plugins = ["django_cc.resource_server.pytest_plugin"]`."""

from collections.abc import Callable, Iterator

import pytest

from django_cc.resource_server.testing import MachineAPIClient, MachineTokens


@pytest.fixture
def machine_tokens() -> Iterator[MachineTokens]:
    """Accept the tokens that it mints, for one test."""
    with MachineTokens() as tokens:
        yield tokens


@pytest.fixture
def machine_api_client(machine_tokens: MachineTokens) -> Callable[..., MachineAPIClient]:  # noqa: ARG001 - entered for the client
    """Return what makes API clients: `machine_api_client(["orders:read"])`."""
    return MachineAPIClient
