"""A project that only checks tokens, and describes itself by drf-spectacular."""

from tests.projects.resource_server import *  # noqa: F403
from tests.projects.resource_server import INSTALLED_APPS, REST_FRAMEWORK

INSTALLED_APPS = [*INSTALLED_APPS, "drf_spectacular"]
REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
ROOT_URLCONF = "tests.projects.documented_urls"
SPECTACULAR_SETTINGS = {"OAUTH2_SCOPES": {"reports:read": "See reports"}}
