"""System checks of the neighbourhood: what the toolkit serves beside us, and how."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin.sites import all_sites
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.urls import NoReverseMatch, get_script_prefix, resolve, reverse
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings

from django_cc.authorization_server.database import get_database
from django_cc.authorization_server.settings import get_settings
from django_cc.authorization_server.toolkit.application_admin_mixin import (
    MachineClientApplicationMixin,
)
from django_cc.authorization_server.toolkit.machine_clients import select_unadopted
from django_cc.authorization_server.toolkit.mounted_views import (
    find_hidden_documents,
    find_issuer_paths,
    find_toolkit_views,
    is_served_by_toolkit,
)
from django_cc.authorization_server.toolkit.validator_mixin import MachineClientsMixin
from django_cc.protocol.metadata import well_known_path

_Messages = list[checks.CheckMessage]

_HERE = "django_cc.authorization_server.toolkit"
_MOST_NAMES = 10
_HOUR = 3600


def register() -> None:
    """Let `manage.py check` run these."""
    for check in (
        check_validator,
        check_issuer,
        check_shared_token_url,
        check_application_admin,
    ):
        checks.register(check, checks.Tags.security)
    checks.register(check_toolkit_settings, checks.Tags.security, deploy=True)
    # Runs where a database is named: `check --database default`, and before `migrate`.
    checks.register(check_unadopted, checks.Tags.database)


def check_validator(**_kwargs: Any) -> _Messages:
    """E008: the toolkit's endpoints know no machine client."""
    mounted = find_toolkit_views()
    if not mounted or issubclass(oauth2_settings.OAUTH2_VALIDATOR_CLASS, MachineClientsMixin):
        return []
    text = (
        "The toolkit's views are mounted, and its validator knows machine clients: their client "
        "IDs can be probed there, and a secret set in the toolkit's admin would work."
    )
    hint = (
        f'Set OAUTH2_PROVIDER["OAUTH2_VALIDATOR_CLASS"] = "{_HERE}.validator.OAuth2Validator"; a '
        f"validator of your own derives from {_HERE}.validator_mixin.MachineClientsMixin first."
    )
    return [checks.Error(text, hint=hint, id="django_cc.E008")]


def check_issuer(**_kwargs: Any) -> _Messages:
    """E009: one issuer has one metadata document (RFC 8414 §3), and nobody's is hidden."""
    issuer = _find_issuer()
    problem = None if issuer is None else _find_metadata_problem(issuer)
    if problem is None:
        return []
    text, hint = problem
    return [checks.Error(text, hint=hint, id="django_cc.E009")]


def check_shared_token_url(**_kwargs: Any) -> _Messages:
    """E010: `django_cc.toolkit_urls` behind the toolkit's URLs are never reached."""
    try:
        path = reverse("django_cc_toolkit:token")
    except NoReverseMatch:
        return []
    if resolve(_without_script_prefix(path)).app_names == ["django_cc_toolkit"]:
        return []
    text = "django_cc.toolkit_urls stand behind other URLs of the same path: they are not reached."
    hint = "Include them before oauth2_provider.urls, at the same prefix."
    return [checks.Error(text, hint=hint, id="django_cc.E010")]


def check_application_admin(**_kwargs: Any) -> _Messages:
    """W005: the toolkit's admin must not change machine clients behind our back."""
    registered = [site._registry.get(get_application_model()) for site in all_sites]
    if all(isinstance(one, MachineClientApplicationMixin) for one in registered if one):
        return []
    text = "The toolkit's admin can rename machine clients and change their client IDs."
    hint = (
        'Set OAUTH2_PROVIDER["APPLICATION_ADMIN_CLASS"] = '
        f'"{_HERE}.application_admin.ApplicationAdmin"; a class of your own derives from '
        f"{_HERE}.application_admin_mixin.MachineClientApplicationMixin first."
    )
    return [checks.Warning(text, hint=hint, id="django_cc.W005")]


def check_unadopted(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> _Messages:
    """W006, with --database: applications for client credentials that are no machine clients."""
    alias = get_database()
    if alias not in (databases or ()):
        return []
    try:
        with transaction.atomic(using=alias):
            names = [str(application) for application in select_unadopted(alias)[: _MOST_NAMES + 1]]
    except DatabaseError:  # `migrate` asks before there are tables
        return []
    if not names:
        return []
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    text = f"Applications for client credentials that are no machine clients: {listed}."
    hint = f"{_describe_their_fate()} manage.py cc_adopt makes machine clients of them."
    return [checks.Warning(text, hint=hint, id="django_cc.W006")]


def check_toolkit_settings(**_kwargs: Any) -> _Messages:
    """W007, with --deploy: the toolkit's settings that are unsafe and that it does not name."""
    found = list(_find_unsafe_settings()) if find_toolkit_views() else []
    if not found:
        return []
    text = f"Settings of the toolkit that RFC 9700 and RFC 6750 advise against: {'; '.join(found)}."
    hint = "They concern the toolkit's own tokens and clients, not machine clients."
    return [checks.Warning(text, hint=hint, id="django_cc.W007")]


def _find_issuer() -> str | None:
    try:
        return get_settings().issuer
    except ImproperlyConfigured:  # E001 explains it
        return None


def _find_metadata_problem(issuer: str) -> tuple[str, str] | None:
    if is_served_by_toolkit(well_known_path(issuer)):
        return (
            "The toolkit's URLs stand before ours and serve the metadata document of our issuer.",
            'Put path("", include("django_cc.urls")) before the toolkit\'s URLs.',
        )
    if _is_issuer_of_toolkit(issuer):
        return (
            f'The toolkit takes itself for the issuer {issuer}, as DJANGO_CC["ISSUER"] does: '
            "clients would find two metadata documents of one issuer.",
            f'Give ours a path of its own, such as ISSUER = "{issuer.rstrip("/")}/machines", '
            "mount the toolkit's URLs under a prefix, or without its metadata_urlpatterns.",
        )
    if hidden := find_hidden_documents():
        return (
            f"Our URLs hide metadata documents of the toolkit: {', '.join(hidden)}.",
            "Mount the toolkit's views for exactly these paths before django_cc.urls, or leave its "
            "metadata_urlpatterns out if nobody reads them.",
        )
    return None


def _is_issuer_of_toolkit(issuer: str) -> bool:
    paths = find_issuer_paths()
    if not paths:
        return False
    if named := oauth2_settings.OIDC_ISS_ENDPOINT:
        return bool(named.rstrip("/") == issuer.rstrip("/"))
    # The toolkit takes its host from the request: it may be ours.
    return urlsplit(issuer).path.rstrip("/") in paths


def _without_script_prefix(path: str) -> str:
    return f"/{path.removeprefix(get_script_prefix())}"


def _describe_their_fate() -> str:
    try:
        refused = get_settings().refuse_unadopted
    except ImproperlyConfigured:
        refused = True
    if refused:
        return "With our validator the toolkit refuses them tokens (REFUSE_UNADOPTED)."
    return "REFUSE_UNADOPTED is off: the toolkit goes on serving them."


def _find_unsafe_settings() -> list[str]:
    open_registration = oauth2_settings.DCR_ENABLED and any(
        permission.__name__ == "AllowAllDCRPermission"
        for permission in oauth2_settings.DCR_REGISTRATION_PERMISSION_CLASSES
    )
    lifetime = oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS
    unsafe = {
        "ACCESS_TOKEN_EXPIRE_SECONDS (tokens live longer than an hour)": (
            isinstance(lifetime, int) and lifetime > _HOUR
        ),
        "DCR_REGISTRATION_PERMISSION_CLASSES (anybody may register a client)": open_registration,
        "OAUTH2_BACKEND_CLASS (JSON bodies are read as credentials)": (
            oauth2_settings.OAUTH2_BACKEND_CLASS.__name__ == "JSONOAuthLibCore"
        ),
    }
    return [name for name, is_unsafe in unsafe.items() if is_unsafe]
