"""Fixtures: a server that client libraries discover, and the libraries that run on Node."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from django_cc.authorization_server.apis.synchronisation import synchronise_apis
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
from tests.machines import ACTOR
from tests.services.node import install_packages
from tests.services.plugin import stop_without
from tests.services.service import ServiceMissingError

NODE_FOLDER = Path(__file__).parent / "node"

RunNode = Callable[..., dict[str, Any]]


@pytest.fixture
def issuer(live_server: LiveServer, settings: Settings, request: pytest.FixtureRequest) -> str:
    """The identifier of a server on loopback, where plain HTTP is all there is.

    A parameter is the path behind its host, and more of its settings.
    """
    path, more = getattr(request, "param", ("", {}))
    address = f"{live_server.url}{path}"
    own = {"ISSUER": address, "ALLOW_INSECURE_TRANSPORT": True, **more}
    settings.DJANGO_CC = django_settings.DJANGO_CC | own
    synchronise_apis(get_settings().configured_apis, ACTOR)  # the built-in API moves along
    ensure_signing_key(ACTOR)
    return address


@pytest.fixture(scope="session")
def run_node() -> RunNode:
    """Return a function that gives a task to a script and returns what it prints."""
    try:
        install_packages(NODE_FOLDER)
    except ServiceMissingError as missing:
        stop_without(missing)

    def run(script: str, **task: Any) -> dict[str, Any]:
        ran = subprocess.run(
            [os.environ["DJANGO_CC_TEST_NODE"], script, json.dumps(task)],
            cwd=NODE_FOLDER,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        document: dict[str, Any] = json.loads(ran.stdout)
        return document

    return run
