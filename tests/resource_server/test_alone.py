"""The resource server without the toolkit, our tables, or any user model."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROBE = textwrap.dedent(
    """
    import json, sys
    for blocked in ("oauth2_provider", "django_cc.models", "django_cc.authorization_server"):
        sys.modules[blocked] = None
    import django
    django.setup()
    from django.core.checks import run_checks
    from django.test import Client
    answer = Client().get("/reports/")
    garbage = Client().get("/reports/", headers={"authorization": "Bearer e30.e30.e30"})
    print(json.dumps({
        "status": answer.status_code,
        "challenge": answer["WWW-Authenticate"],
        "checks": [message.id for message in run_checks()],
        "token": garbage.status_code,
        "auth": "django.contrib.auth.models" in sys.modules,
    }))
    """
)


@pytest.mark.slow
def test_answers_a_request_with_everything_above_it_blocked() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.projects.resource_server"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "status": 401,
        "challenge": 'Bearer realm="api"',
        "checks": ["django_cc.E103"],
        "token": 401,
        "auth": False,
    }
