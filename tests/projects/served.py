"""The combined project as a real server runs it: several processes, plain HTTP on loopback."""

from typing import Any

from tests.projects.combined import *  # noqa: F403
from tests.projects.combined import DATABASES, DJANGO_CC, MIDDLEWARE, env

PROPAGATION_SECONDS = 2  # short, so that tests need not wait long
_SERVED: Any = {
    "ALLOW_INSECURE_TRANSPORT": True,
    "PROPAGATION_SECONDS": PROPAGATION_SECONDS,
    "BACKGROUND": env.str("BACKGROUND", default="thread"),
}

DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=0)
MIDDLEWARE = ["tests.projects.worker_name.name_worker", *MIDDLEWARE]
DJANGO_CC = {**DJANGO_CC, **_SERVED}
# The server's log is what a failed test shows of it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "root": {"handlers": ["console"]},
}
