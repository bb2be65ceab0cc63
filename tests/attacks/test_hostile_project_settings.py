"""Threat: a project's REST_FRAMEWORK defaults, meant for its APIs, change the OAuth endpoints."""

import textwrap

import pytest

from tests.projects.probe import probe_project

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
    found = probe_project("hostile_rest_framework", PROBE)

    assert found == {
        "token": [200, "application/json"],
        "refusal": [401, "application/json"],
        "method": [405, "application/json"],
        "jwks": [200, "application/jwk-set+json"],
        "metadata": [200, "application/json"],
    }
