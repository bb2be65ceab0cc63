"""Settings of the example: an authorization server with an orders API, run from environment."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DJANGO_DEBUG", default=False)


_REQUIRED = ("DJANGO_SECRET_KEY", "ISSUER", "DJANGO_CC_ENCRYPTION_KEYS")
_missing = [name for name in _REQUIRED if not env.str(name, default="")]
if _missing and not DEBUG:
    raise ImproperlyConfigured(
        f"Set the environment variables {', '.join(_missing)} (README.md, Run it in production), "
        "or DJANGO_DEBUG=1 to try things out."
    )

SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="only-for-debugging-never-in-production")
ISSUER = env.str("ISSUER", default="http://127.0.0.1:8000")
ORDERS_API = f"{ISSUER.rstrip('/')}/api"
REPORTS_API = env.str("REPORTS_API", default=f"{ISSUER.rstrip('/')}/reports")  # another service
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(ISSUER).hostname or "localhost"])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLOW_INSECURE_TRANSPORT = env.bool("DJANGO_CC_ALLOW_INSECURE_TRANSPORT", default=False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "rest_framework",
    "django_cc",
    "example_project",
    "example_project.orders",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/db.sqlite3")}
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    # A cache that hangs must not hold up requests for longer.
    CACHES["default"]["OPTIONS"] = {"socket_timeout": 1, "socket_connect_timeout": 1}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# HTTPS everywhere, unless the issuer is a loopback address or a mesh protects the hop.
_HTTPS = ISSUER.startswith("https://") and not ALLOW_INSECURE_TRANSPORT
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_HSTS_PRELOAD = _HTTPS
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SECURE = _HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

DJANGO_CC = {
    "ISSUER": ISSUER,
    "KEY_ENCRYPTION_KEYS": env.list("DJANGO_CC_ENCRYPTION_KEYS", default=[]),
    "ALLOW_INSECURE_TRANSPORT": ALLOW_INSECURE_TRANSPORT,
    "TRUSTED_PROXIES": TRUSTED_PROXIES,
    "APIS": {
        ORDERS_API: {
            "name": "Orders",
            "scopes": {
                "orders:read": "See orders",
                "orders:write": "Place orders",
            },
        },
        REPORTS_API: {"name": "Reports", "scopes": {"reports:read": "See reports"}},
    },
}

# What django-oauth-toolkit will do by default in its next major version, switched on today.
OAUTH2_PROVIDER = {
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django_cc": {"level": env.str("DJANGO_CC_LOG", default="INFO")}},
}
