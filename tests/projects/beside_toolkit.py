"""A project that runs the toolkit for people, and django_cc beside it for machines."""

from tests.projects.combined import *  # noqa: F403
from tests.projects.combined import OAUTH2_PROVIDER

ROOT_URLCONF = "tests.projects.beside_toolkit_urls"
LOGIN_URL = "/accounts/login/"
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "SCOPES": {"read": "Read", "write": "Write"}}
