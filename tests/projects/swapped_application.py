"""The combined project with an Application model of its own."""

from tests.projects.combined import *  # noqa: F403
from tests.projects.combined import INSTALLED_APPS

INSTALLED_APPS = ["tests.projects.own_application", *INSTALLED_APPS]
OAUTH2_PROVIDER_APPLICATION_MODEL = "own_application.Program"
