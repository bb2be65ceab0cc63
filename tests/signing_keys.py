"""Signing keys for tests, changed by the command that people use."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client as HTTPClient

from django_cc.models import SigningKey
from tests.jwts import read_header
from tests.machines import Machine, TokenEndpoint, call

JWKS_URL = "/oauth/jwks"


def run(action: str, *arguments: str) -> str:
    """Return what `cc_signing_key` prints."""
    output = StringIO()
    call_command("cc_signing_key", action, *arguments, stdout=output)
    return output.getvalue()


def run_for_json(action: str, *arguments: str) -> Any:
    """Return what `cc_signing_key --json` prints."""
    return json.loads(run(action, *arguments, "--json"))


def kid_of(state: str, **more: str) -> str:
    """Return the ID of the only key in a state."""
    return SigningKey.objects.get(state=state, **more).kid


def states() -> list[str]:
    """Return the states of all keys, in the order in which they were made."""
    return [key.state for key in SigningKey.objects.order_by("pk")]


def signer(endpoint: TokenEndpoint, machine: Machine) -> str:
    """Return the ID of the key that signs."""
    kid: str = read_header(endpoint.access_token(machine))["kid"]
    return kid


def fetch_jwks(method: str = "get", **headers: str) -> Any:
    """Ask for the JWK Set over https."""
    return HTTPClient().generic(method.upper(), JWKS_URL, secure=True, headers=headers)


def published() -> list[str]:
    """Return the IDs of the published keys."""
    return [key["kid"] for key in json.loads(fetch_jwks().content)["keys"]]


def is_accepted(token: str) -> bool:
    """Tell whether an API lets a token in."""
    answer = call(token=token)
    assert answer.status_code in {200, 401}
    return bool(answer.status_code == 200)


def pass_time(time_machine: Any, **duration: float) -> None:
    """Move the clock."""
    time_machine.move_to(datetime.now(UTC) + timedelta(**duration), tick=False)


def configure(settings: Any, **changes: Any) -> None:
    """Change keys of DJANGO_CC."""
    settings.DJANGO_CC = {**settings.DJANGO_CC, **changes}
