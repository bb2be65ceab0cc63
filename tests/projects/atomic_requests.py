"""The combined project with a transaction around every view."""

from tests.projects.combined import *  # noqa: F403
from tests.projects.combined import DATABASES

DATABASES["default"]["ATOMIC_REQUESTS"] = True
