"""System checks of the resource server role."""

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from rest_framework.settings import api_settings

from django_cc.resource_server import settings_checks, view_checks
from django_cc.resource_server.challenges import exception_handler
from django_cc.resource_server.settings import get_settings


def register() -> None:
    """Let `manage.py check` run these."""
    checks.register(check_settings, checks.Tags.security)
    checks.register(check_exception_handler, checks.Tags.security)
    settings_checks.register()
    view_checks.register()


def check_settings(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E101: `DJANGO_CC` must be right for this role."""
    try:
        wrapped = get_settings().exception_handler
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="django_cc.E101")]
    try:
        import_string(wrapped)
    except ImportError as error:
        text = f'DJANGO_CC["EXCEPTION_HANDLER"] cannot be imported: {error}'
        return [checks.Error(text, id="django_cc.E101")]
    return []


def check_exception_handler(**_kwargs: Any) -> list[checks.CheckMessage]:
    """W101: without our exception handler a 403 carries no challenge."""
    if api_settings.EXCEPTION_HANDLER is exception_handler:
        return []
    return [
        checks.Warning(
            "REST framework's exception handler is not django_cc's: 403 answers to machines "
            "lack the WWW-Authenticate challenge of RFC 6750 section 3.1.",
            hint=(
                'Set REST_FRAMEWORK["EXCEPTION_HANDLER"] = '
                '"django_cc.resource_server.challenges.exception_handler"; a handler of your own '
                'goes into DJANGO_CC["EXCEPTION_HANDLER"].'
            ),
            id="django_cc.W101",
        )
    ]
