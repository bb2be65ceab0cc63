"""The resource server without the toolkit, our tables, or any user model."""

import textwrap

import pytest

from tests.projects.probe import probe_project

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
    found = probe_project("resource_server", PROBE)

    assert found == {
        "status": 401,
        "challenge": 'Bearer realm="api"',
        "checks": ["django_cc.E103"],
        "token": 401,
        "auth": False,
    }
