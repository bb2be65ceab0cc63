"""The combined project with a user model of its own."""

from tests.projects.combined import *  # noqa: F403
from tests.projects.combined import INSTALLED_APPS

INSTALLED_APPS = ["tests.projects.people", *INSTALLED_APPS]
AUTH_USER_MODEL = "people.Person"
