"""A project that only checks tokens: no tables of ours, no toolkit, no users."""

from typing import Any

import environ

env = environ.Env()

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver", "reports.example.com"]
INSTALLED_APPS = ["rest_framework", "django_cc.resource_server"]
DATABASES: dict[str, object] = {}
ROOT_URLCONF = "tests.projects.resource_server_urls"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication"
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
}

ISSUER = env.str("ISSUER", default="https://auth.example.com")
REPORTS_API = "https://reports.example.com"
DJANGO_CC: dict[str, Any] = {"ISSUER": ISSUER, "AUDIENCE": REPORTS_API}
