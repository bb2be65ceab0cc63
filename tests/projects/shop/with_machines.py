"""The same project, with machine clients on one of its views; before.py and ten lines."""

from tests.projects.combined import CACHES, DATABASES, MIDDLEWARE, PASSWORD_HASHERS

__all__ = ["CACHES", "DATABASES", "MIDDLEWARE", "PASSWORD_HASHERS"]

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "example_project.orders",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
ROOT_URLCONF = "tests.projects.shop.urls_with_machines"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
}
INSTALLED_APPS += ["oauth2_provider", "django_cc"]
DJANGO_CC = {
    "ISSUER": "https://shop.example.com",
    "KEY_ENCRYPTION_KEYS": ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="],
    "APIS": {"https://shop.example.com/api": {"scopes": {"orders:read": "See orders"}}},
}
