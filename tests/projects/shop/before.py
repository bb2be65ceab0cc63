"""A DRF project from before machines came: people sign in, and sessions know them."""

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
ROOT_URLCONF = "tests.projects.shop.urls"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
