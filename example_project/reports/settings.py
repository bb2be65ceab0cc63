"""Settings of the second service, which only checks tokens: no tables, no toolkit, no database."""

from urllib.parse import urlsplit

import environ

env = environ.Env()

SECRET_KEY = env.str("DJANGO_SECRET_KEY")
ISSUER = env.str("ISSUER")
REPORTS_API = env.str("REPORTS_API")  # who we are to the issuer: the URL we are reached at
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(REPORTS_API).hostname or "localhost"])

INSTALLED_APPS = ["rest_framework", "django_cc.resource_server"]
ROOT_URLCONF = "example_project.reports.urls"
WSGI_APPLICATION = "example_project.reports.wsgi.application"
DATABASES: dict[str, object] = {}
USE_TZ = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
    "UNAUTHENTICATED_USER": None,  # there is no django.contrib.auth
}

DJANGO_CC = {"ISSUER": ISSUER, "AUDIENCE": REPORTS_API}

# This service is a machine client too: of the orders API.
ORDERS_URL = env.str("ORDERS_URL", default=f"{ISSUER}/api/orders/")
ORDERS_TOKEN_URL = env.str("ORDERS_TOKEN_URL", default=f"{ISSUER}/oauth/token")
ORDERS_CLIENT_ID = env.str("ORDERS_CLIENT_ID")
ORDERS_CLIENT_SECRET = env.str("ORDERS_CLIENT_SECRET")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django_cc": {"level": "INFO"}},
}
