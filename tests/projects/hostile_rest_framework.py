"""The combined project under DRF defaults that break every view which does not pin its own."""

from tests.projects.combined import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

_HERE = "tests.projects.hostile_policies"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [f"{_HERE}.Explode"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_THROTTLE_CLASSES": [f"{_HERE}.Explode"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.StaticHTMLRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": f"{_HERE}.Explode",
    "DEFAULT_VERSIONING_CLASS": f"{_HERE}.Explode",
    "DEFAULT_METADATA_CLASS": f"{_HERE}.Explode",
    "EXCEPTION_HANDLER": f"{_HERE}.explode",
    "UNAUTHENTICATED_USER": f"{_HERE}.Explode",
}
