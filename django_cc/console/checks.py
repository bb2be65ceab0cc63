"""System checks of the console."""

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from django_cc.console.settings import get_settings


def register() -> None:
    """Let `manage.py check` run these."""
    checks.register(check_settings, checks.Tags.admin)


def check_settings(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E020: `DJANGO_CC` must be right for the console; until it is, the admin has no pages."""
    try:
        get_settings().load_base_class()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="django_cc.E020")]
    return []
