"""Settings of the main run: authorization server and APIs in one project."""

import environ

env = environ.Env()

DEBUG = False
SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
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
    "example_project.orders",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tests.projects.strict_policy.StrictPolicy",
]
ROOT_URLCONF = "tests.projects.combined_urls"
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
DATABASES = {"default": env.db_url("DATABASE_URL", default="sqlite://:memory:")}
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
# Real ones take a quarter of a second each, by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ISSUER = "https://auth.example.com"
ORDERS_API = "https://orders.example.com"
BILLING_API = "https://billing.example.com"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
}

_TOOLKIT = "django_cc.authorization_server.toolkit"
OAUTH2_PROVIDER = {
    "ALWAYS_RELOAD_OAUTHLIB_CORE": True,
    "OAUTH2_VALIDATOR_CLASS": f"{_TOOLKIT}.validator.OAuth2Validator",
    "APPLICATION_ADMIN_CLASS": f"{_TOOLKIT}.application_admin.ApplicationAdmin",
}

DJANGO_CC = {
    "ISSUER": ISSUER,
    # Tests fail on purpose, all from one address; those of the limit set one.
    "FAILED_REQUESTS_PER_MINUTE": None,
    "KEY_ENCRYPTION_KEYS": ["cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="],
    "APIS": {
        ORDERS_API: {
            "name": "Orders",
            "scopes": {"orders:read": "See orders", "orders:write": "Place orders"},
        },
        BILLING_API: {
            "name": "Billing",
            "scopes": {"billing:read": "See invoices", "shared:read": "See what is shared"},
        },
    },
}
