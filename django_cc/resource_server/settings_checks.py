"""System checks of what a resource server says about its issuers and its APIs."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings as django_settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from django_cc.resource_server.api_views import (
    find_guarded_functions,
    find_protected_views,
    may_invite_machines,
    name_of,
)
from django_cc.resource_server.settings import ResourceServerSettings, get_settings
from django_cc.resource_server.verification.strategies import LOCAL

_USER_OF_DJANGO = "django.contrib.auth."


def register() -> None:
    """Let `manage.py check` run these."""
    checks.register(check_unauthenticated_user, checks.Tags.security)
    checks.register(check_views_belong_to_an_audience, checks.Tags.security)
    checks.register(check_issuers_are_remote, checks.Tags.security, deploy=True)


def check_unauthenticated_user(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E111: without users, nobody is None and not Django's anonymous user."""
    rest_framework = getattr(django_settings, "REST_FRAMEWORK", None) or {}
    default = f"{_USER_OF_DJANGO}models.AnonymousUser"
    user = rest_framework.get("UNAUTHENTICATED_USER", default)
    path = user if isinstance(user, str) else getattr(user, "__module__", "")
    if apps.is_installed("django.contrib.auth") or not path.startswith(_USER_OF_DJANGO):
        return []
    text = "REST framework makes Django's AnonymousUser, and django.contrib.auth is not installed."
    hint = 'Set REST_FRAMEWORK["UNAUTHENTICATED_USER"] = None.'
    return [checks.Error(text, hint=hint, id="django_cc.E111")]


def check_views_belong_to_an_audience(**_kwargs: Any) -> list[checks.CheckMessage]:
    """E112: a view for machines whose API is in nobody's audience accepts no token.

    Where the authorization server is installed, E006 tells.
    """
    settings = _find_settings()
    if settings is None or any(one.verification == LOCAL for one in settings.trusted_issuers):
        return []
    known = sorted({name for one in settings.trusted_issuers for name in one.audience})
    default = known[0] if len(known) == 1 else None
    return [
        checks.Error(
            f"{name} belongs to no API of this project.",
            hint=f"Set its api to one of: {', '.join(known)}; or add its API to AUDIENCE.",
            id="django_cc.E112",
        )
        for name, api in _find_apis_of_views()
        if (api or default) not in known
    ]


def check_issuers_are_remote(**_kwargs: Any) -> list[checks.CheckMessage]:
    """W111, with --deploy: an issuer on loopback is one of development."""
    settings = _find_settings()
    if settings is None:
        return []
    return [
        checks.Warning(
            f"The issuer {one.issuer} is on this machine, over plain http: whoever else gets hold "
            "of its port issues tokens.",
            hint="Outside development, name an issuer by https://.",
            id="django_cc.W111",
        )
        for one in settings.trusted_issuers
        if one.issuer.startswith("http://")
    ]


def _find_settings() -> ResourceServerSettings | None:
    """Return the settings, or None where E101 explains what is wrong with them."""
    try:
        return get_settings()
    except ImproperlyConfigured:
        return None


def _find_apis_of_views() -> Iterator[tuple[str, str | None]]:
    for view in find_protected_views():
        api = getattr(view, "api", None)
        # What is a property is known at run time alone.
        if may_invite_machines(view) and isinstance(api, str | None):
            yield name_of(view), api
    for function in find_guarded_functions():
        yield function.name, function.rules.api
