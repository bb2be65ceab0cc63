"""Threat: a project's REST_FRAMEWORK defaults, meant for its APIs, change the OAuth endpoints."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROBE = textwrap.dedent(
    """
    import json
    import django
    django.setup()
    from django.core.management import call_command
    from django.test import Client
    call_command("migrate", verbosity=0)
    from tests.machines import TokenEndpoint, register, ACTOR
    from django_cc.authorization_server.signing_keys.rotation import ensure_signing_key
    ensure_signing_key(ACTOR)
    endpoint, machine = TokenEndpoint(), register()
    answers = {
        "token": endpoint.post(authorization=machine.basic()),
        "refusal": endpoint.post(),
        "method": Client().get("/oauth/token", secure=True),
        "jwks": Client().get("/oauth/jwks", secure=True),
        "metadata": Client().get("/.well-known/oauth-authorization-server", secure=True),
    }
    print(json.dumps({name: [a.status_code, a["Content-Type"]] for name, a in answers.items()}))
    """
)


@pytest.mark.slow
def test_answers_as_oauth_says_under_hostile_defaults() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.projects.hostile_rest_framework"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "token": [200, "application/json"],
        "refusal": [401, "application/json"],
        "method": [405, "application/json"],
        "jwks": [200, "application/jwk-set+json"],
        "metadata": [200, "application/json"],
    }
