"""The same project after django_cc was installed, as the how-to guide says."""

from tests.projects import combined
from tests.projects.people_before import *  # noqa: F403
from tests.projects.people_before import INSTALLED_APPS, OAUTH2_PROVIDER, REST_FRAMEWORK

INSTALLED_APPS = [*INSTALLED_APPS, "django_cc"]
ROOT_URLCONF = "tests.projects.people_after_urls"
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "django_cc.resource_server.authentication.BearerTokenAuthentication",
        *REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"],
    ],
    "EXCEPTION_HANDLER": "django_cc.resource_server.challenges.exception_handler",
}
_TOOLKIT = "django_cc.authorization_server.toolkit"
OAUTH2_PROVIDER = {
    **OAUTH2_PROVIDER,
    "OAUTH2_VALIDATOR_CLASS": f"{_TOOLKIT}.validator.OAuth2Validator",
    "APPLICATION_ADMIN_CLASS": f"{_TOOLKIT}.application_admin.ApplicationAdmin",
}
DJANGO_CC = {
    "ISSUER": "https://auth.example.com",
    "KEY_ENCRYPTION_KEYS": combined.DJANGO_CC["KEY_ENCRYPTION_KEYS"],
    "APIS": {"https://api.example.com": {"scopes": {"read": "Read", "write": "Write"}}},
}
