"""The served project where refusals may come as fast as a benchmark asks for them."""

from typing import Any

from tests.projects.served import *  # noqa: F403
from tests.projects.served import DJANGO_CC

_UNTHROTTLED: Any = {"FAILED_REQUESTS_PER_MINUTE": None}

DJANGO_CC = {**DJANGO_CC, **_UNTHROTTLED}
